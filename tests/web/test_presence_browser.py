"""Two browsers on one lead: each says what is being done, hears of the other, and lists show it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("office")) as running:
        yield running


@pytest.fixture(autouse=True)
def _everybody_has_left(office: Site) -> None:
    office.close_everything()


def _pill(page: Page) -> Locator:
    return page.locator("#here-too")


@contextmanager
def _saying(page: Page, doing: str) -> Iterator[None]:
    """Until the page has said so; on the way from one thing to another it says "looking"."""

    def fits(answer: Response) -> bool:
        return f"doing={doing}" in (answer.request.post_data or "")

    with page.expect_response(fits):
        yield


def _ask(page: Page) -> None:
    """What the page does by itself twice a minute."""
    page.evaluate("htmx.trigger('#here-too', 'leadline:doing')")


def test_what_is_done_in_one_browser_is_said_in_the_other(browser: Browser, office: Site) -> None:
    lead = f"{office.url}/leads/{office.leads['Grace Lindqvist']}"
    ben, ada = sites.enter(browser, office, "ben"), sites.enter(browser, office, "ada")
    with _saying(ben, "looking"):
        ben.goto(lead)
    ada.goto(lead)
    expect(_pill(ada)).to_have_text("BCBen Carter is looking at this")
    expect(ada.locator("#here-said")).to_have_text("Ben Carter is looking at this")

    with _saying(ben, "calling"):
        ben.click(".of-log label:has([value=call])")
    _ask(ada)
    expect(_pill(ada)).to_contain_text("Ben Carter is calling")
    ben.click(".of-log label:has([value=note])")
    with _saying(ben, "writing"):
        ben.fill(".of-log textarea", "She asked for")
    _ask(ada)
    expect(_pill(ada)).to_contain_text("Ben Carter is writing something down")
    with _saying(ben, "editing"):
        ben.locator("[data-sheet] [data-edit]").first.click()
    _ask(ada)
    expect(_pill(ada)).to_contain_text("Ben Carter is changing something")
    expect(_pill(ben)).to_contain_text("is looking at this")
    for page in (ben, ada):
        page.context.close()


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"]
)
def test_a_call_begun_in_today_stands_in_the_lists_of_colleagues(
    browser: Browser, office: Site, size: tuple[int, int], scheme: str
) -> None:
    ben = sites.enter(browser, office, "ben")
    row = ben.locator(f"[data-lead='{office.leads['Jonas Weber']}']")
    with _saying(ben, "calling"):
        row.locator("[data-verb=l]").click()
    ada = sites.enter(browser, office, "ada", size=size, scheme=scheme)
    for path in ("/today", "/leads"):
        ada.goto(office.url + path)
        sign = ada.locator(f"[data-lead='{office.leads['Jonas Weber']}'] .on-it")
        expect(sign).to_be_visible()
        expect(sign.locator("[title]")).to_have_attribute("title", "Ben Carter is calling")
        expect(ada.locator(".on-it > span")).to_have_count(1)
        check_width(ada, path)
        check_accessible(ada, f"{path} {scheme}")
    ben.goto("about:blank")
    office.close_everything()
    ada.evaluate("htmx.trigger(document.body, 'leadline:notice')")
    expect(ada.locator(".on-it > span")).to_have_count(0)
    for page in (ben, ada):
        page.context.close()


def test_a_panel_that_closes_says_nothing_more(browser: Browser, office: Site) -> None:
    ada = sites.enter(browser, office, "ada")
    with _saying(ada, "looking"):
        ada.goto(f"{office.url}/leads/{office.leads['Priya Raghunathan']}")
    ben = sites.enter(browser, office, "ben")
    ben.goto(f"{office.url}/leads?q=Priya")
    ben.keyboard.press("j")
    ben.keyboard.press("Space")
    expect(_pill(ben)).to_contain_text("is looking at this")
    ben.keyboard.press("Escape")
    expect(ben.locator(".peek")).to_have_count(0)
    expect(_pill(ben)).to_be_empty()
    for page in (ben, ada):
        page.context.close()
