"""The screens in German and in a language for tests, as a browser shows them: nothing is cut off,
and nothing that a script has made is English. What the server says, `test_every_text` reads.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import pseudo, said
from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site
from tests.web.test_browser import check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

SCREENS = ("/today", "/leads", "/leads?stage=sql&score=50", "/leads/new", "/scoring", "/capture",
           "/scoring/models/1/versions", "/scoring/models/new", "/scoring/models/2/choose",
           "/search?q=an", "/companies", "/settings/profile", "/settings/general",
           "/settings/profile/address", "/address/none",
           "/settings/notifications",
           "/settings/people", "/settings/teams", "/settings/roles", "/settings/fields",
           "/settings/fields/new", "/settings/currencies", "/settings/outbox",
           "/settings/keys", "/settings/parked", "/settings/hours",
           "/settings/trash", "/settings/system", "/settings/audit", "/leads/none", "/history",
           "/leads/lists", "/leads/lists/4", "/leads/lists/4/delete",
           "/leads/segments/2", "/leads/segments/2/edit", "/leads/segments/new",
           "/settings/sending", "/tasks", "/sign-in/two-factor/webauthn/")  # fmt: skip
# In the language for tests alone, which is longer than German.
MORE = ("/sign-in/password/change/", "/set-up", "/settings/teams/1", "/settings/teams/1/archive",
        "/settings/fields/title")  # fmt: skip
# Of these the first link that is theirs is followed: the list, and how its links begin.
BEHIND = {"/companies": "/companies/", "/settings/people": "/settings/people/"}
OUTSIDE = ("/sign-in/", "/sign-in/password/reset/", "/sign-in/password/reset/done/",
           "/sign-in/password/reset/key/x-y/", "/join/nonsense")  # fmt: skip
# Texts that people read, without what is data: names (bdi), codes, times zones, what was typed.
SAID = """() => {
  const data = "bdi, code, pre, kbd, script, style, datalist, textarea, .avatar, [data-name], svg";
  const shown = (each) => each.checkVisibility({visibilityProperty: true});
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, parent = node.parentElement;
    if (!parent.closest(data) && shown(parent)) found.push(node.textContent);
  }
  for (const each of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    if (!each.closest(data) && shown(each))
      for (const name of ["aria-label", "title", "placeholder"])
        if (each.hasAttribute(name)) found.push(each.getAttribute(name));
  return found.map((each) => each.trim()).filter(Boolean);
}"""
# Our own words that do not fit where they stand and are cut off there, with nothing to hover.
CUT = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.closest("bdi, pre, code, .sr-only")
    && [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
    && getComputedStyle(each).overflowX !== "visible" && each.clientWidth > 1
    && each.scrollWidth > each.clientWidth + 1
    && !each.title && !["INPUT", "SELECT", "TEXTAREA"].includes(each.tagName))
  .map((each) => each.outerHTML.slice(0, 160))"""


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample workspace, whose people can read the language for tests."""
    locale = tmp_path_factory.mktemp("locale")
    pseudo.write(locale)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADLINE_TEST_LOCALE", str(locale))
        patch.setenv("DJANGO_SETTINGS_MODULE", "tests.web.pseudo_settings")
        with sites.running(tmp_path_factory.mktemp("foreign"), "pseudo") as running:
            yield running


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_on_any_screen_is_english_or_cut_off(
    browser: Browser, foreign: Site, size: tuple[int, int]
) -> None:
    sites.speak(foreign, pseudo.CODE)
    english: dict[str, list[str]] = {}
    cut: dict[str, list[str]] = {}
    for path, page in _all_screens(browser, foreign, size):
        check_width(page, path)
        if found := said.english(page.evaluate(SAID)):
            english[path] = found
        if found := page.evaluate(CUT):
            cut[path] = found
    assert english == {}
    assert cut == {}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_german_fits_everywhere(browser: Browser, foreign: Site, size: tuple[int, int]) -> None:
    sites.speak(foreign, "de")
    page = sites.enter(browser, foreign, "ada", size=size)
    ingrid = f"/leads/{foreign.leads['Ingrid Dahl']}"
    for path in (*SCREENS, ingrid, f"{ingrid}/score", f"{ingrid}/adjust"):
        _open(page, foreign, path)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        check_width(page, path)
        assert page.evaluate(CUT) == [], path
    page.context.close()


def _all_screens(browser: Browser, site: Site, size: tuple[int, int]) -> Iterator[tuple[str, Page]]:
    """Each screen, opened by Ada; then what those see who are not signed in."""
    page = sites.enter(browser, site, "ada", size=size)
    lead = f"/leads/{site.leads['Ingrid Dahl']}"
    acts = [f"{lead}/act/{verb}" for verb in ("call", "snooze", "pass", "disqualify")]
    for path in (*SCREENS, *MORE, lead, *acts):
        yield path, _open(page, site, path)
    for path, begins in BEHIND.items():
        there = f'main a[href^="{begins}"]:not([href$="/new"])'
        behind = str(_open(page, site, path).locator(there).first.get_attribute("href"))
        yield behind, _open(page, site, behind)
    page.context.clear_cookies()
    # A workspace that nobody is signed in to speaks its own language to a browser that wants none.
    page.set_extra_http_headers({"Accept-Language": ""})
    for path in OUTSIDE:
        yield path, _open(page, site, path)
    page.context.close()


def _open(page: Page, site: Site, path: str) -> Page:
    page.goto(site.url + path)
    expect(page.locator("main")).to_be_visible()
    return page
