"""Into a lead from far down a long list and Back: the same place, the same row, the same rows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

ROWS = "tr[data-lead]"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("back")) as running:
        running.crowd(160)
        yield running


def _far_down(page: Page, crowd: Site) -> str:
    """The third page of the list, a row in the middle of the window; returns which."""
    page.goto(f"{crowd.url}/leads?sort=name")
    for count in (100, 150):
        page.locator("tr.more").scroll_into_view_if_needed()
        page.locator(ROWS).nth(count - 1).wait_for()
    row = page.locator(ROWS).nth(120)
    row.evaluate("(row) => row.scrollIntoView({block: 'center', behavior: 'instant'})")
    return str(row.get_attribute("data-lead"))


def _top(page: Page, lead: str) -> float:
    """How far below the top of the window the row stands."""
    found = page.locator(f"[data-lead='{lead}']")
    return float(found.evaluate("(row) => row.getBoundingClientRect().top"))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_back_returns_to_the_row_that_was_clicked(
    browser: Browser, crowd: Site, size: tuple[int, int]
) -> None:
    page = sites.enter(browser, crowd, "ada", size=size)
    lead = _far_down(page, crowd)
    before = _top(page, lead)
    page.locator(f"[data-lead='{lead}'] a.name").click()
    page.wait_for_url("**/leads/*-*")
    page.go_back()
    expect(page.locator(f"[data-lead='{lead}'].here")).to_be_visible()
    expect(page.locator(ROWS)).to_have_count(150)
    assert abs(_top(page, lead) - before) <= 2
    page.context.close()


@pytest.mark.parametrize("whole", [False, True], ids=["some", "the whole list"])
def test_back_returns_to_what_was_chosen(browser: Browser, crowd: Site, whole: bool) -> None:
    page = sites.enter(browser, crowd, "ada")
    lead = _far_down(page, crowd)
    picked = [str(page.locator(ROWS).nth(at).get_attribute("data-lead")) for at in (119, 121)]
    for each in picked:
        page.locator(f"[data-lead='{each}'] [name=lead]").check()
    if whole:
        page.locator("[data-pick-list]").click()
    said = page.locator("[data-picked]").inner_text()
    page.locator(f"[data-lead='{lead}'] a.name").click()
    page.wait_for_url("**/leads/*-*")
    page.go_back()
    expect(page.locator(ROWS)).to_have_count(150)
    chosen = page.locator(f"{ROWS} [name=lead]:checked")
    expect(chosen).to_have_count(150 if whole else 2)
    expect(page.locator("[data-picked]")).to_have_text(said)
    if not whole:
        assert [each.get_attribute("value") for each in chosen.all()] == picked
    page.context.close()


def test_back_returns_to_the_row_that_the_keyboard_was_on(browser: Browser, crowd: Site) -> None:
    page = sites.enter(browser, crowd, "ada")
    lead = _far_down(page, crowd)
    page.locator(f"[data-lead='{lead}'] td.col-company").click()  # opens the panel beside it
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    here = str(page.locator("tr.here").get_attribute("data-lead"))
    before = _top(page, here)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{here}")
    page.go_back()
    expect(page.locator(f"[data-lead='{here}'].here")).to_be_visible()
    assert abs(_top(page, here) - before) <= 2
    page.keyboard.press("j")
    expect(page.locator(f"[data-lead='{here}'].here")).to_have_count(0)
    expect(page.locator("tr.here")).to_be_in_viewport()
    page.context.close()
