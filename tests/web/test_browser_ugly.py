"""The screens with data as it really comes: all of it can be read, and no page moves sideways."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web import site as sites
from tests.web import ugly
from tests.web.site import PHONE, WIDE, Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

SCREENS = ("/today", "/tasks", "/leads", "/leads?sort=name", "/search?q=donau", "/companies",
           "/settings/outbox",
           "/settings/parked", "/settings/keys", "/settings/sending", "/settings/profile",
           "/settings/profile/address", "/address/none",
           "/settings/notifications", "/settings/currencies", "/settings/teams",
           "/settings/teams/1", "/settings/general",
           "/capture", "/scoring", "/scoring/models/1/versions", "/scoring/models/new",
           "/scoring/models/2/choose", "/leads/none", "/history",
           "/leads/lists", "/leads/lists/5", "/leads/lists/5/delete", "/leads/lists/6/delete",
           "/leads/segments/8", "/leads/segments/8/edit", "/leads/segments/new",
           "/p/demo", "/f/demo",
           "/sign-in/two-factor/", "/sign-in/password/change/")  # fmt: skip
# Two texts of one screen lie on each other when the middle of one is covered by the other.
COVERED = """() => [...document.querySelectorAll("main h1, main .name, main .soft, main .note-box")]
  .filter((each) => each.checkVisibility() && each.closest("main").contains(each))
  .filter((each) => { const box = each.getBoundingClientRect();
    return each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflow === "visible"
      && getComputedStyle(each).display !== "inline" && box.width > 0; })
  .map((each) => each.textContent.slice(0, 40))"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("ugly"), "ugly") as running:
        yield running


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (WIDE, "dark")], ids=["phone", "wide"]
)
def test_no_screen_moves_sideways_or_breaks(
    browser: Browser, plain: Site, size: tuple[int, int], scheme: str
) -> None:
    page = sites.enter(browser, plain, "ada", size=size, scheme=scheme)
    leads = [f"/leads/{plain.leads[kind]}" for kind in ugly.NAMES]
    acts = [f"{leads[0]}/act/{verb}" for verb in ("note", "task", "snooze", "pass", "disqualify")]
    scores = [f"{leads[0]}/score", f"{leads[0]}/score?day=none", f"{leads[0]}/adjust"]
    for path in (*SCREENS, *leads, *acts, *scores):
        _look(page, plain, path)
    page.goto(plain.url + "/settings/outbox")
    _look(page, plain, str(page.locator("main table a").first.get_attribute("href")))
    page.context.close()


def test_the_panel_and_the_palette_hold_long_names(browser: Browser, plain: Site) -> None:
    page = sites.enter(browser, plain, "ada", size=PHONE)
    page.goto(plain.url + "/leads?q=donau")
    page.locator("tr[data-lead]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Space")
    page.locator(".peek").wait_for()
    check_width(page, "the panel")
    check_accessible(page, "the panel")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("donau")
    page.locator("#found [role=option]").first.wait_for()
    check_width(page, "the palette")
    check_accessible(page, "the palette")
    page.context.close()


def _look(page: Page, site: Site, path: str) -> None:
    page.goto(site.url + path)
    page.wait_for_load_state("load")
    page.wait_for_timeout(100)  # lazy fragments; the live stream never ends
    check_width(page, path)
    assert page.evaluate(COVERED) == [], path
    check_accessible(page, path)
