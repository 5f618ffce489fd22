"""Choosing rows by key, by range and all of them; the bar, the preview, the way back."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

BAR = "#bulk"


def chosen(page: Page) -> int:
    return page.locator(".leads [name=lead]:checked").count()


def test_rows_are_chosen_by_key_by_range_and_as_a_page(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(site.url + "/leads")
    expect(page.locator(BAR)).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(BAR)).to_be_visible()
    expect(page.locator("[data-picked]")).to_have_text("1 chosen")
    boxes = page.locator(".leads [name=lead]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("[data-picked]")).to_have_text("5 chosen")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("4 chosen")
    page.locator("[data-pick-page]").click()
    expect(page.locator(".leads [name=lead]:not(:checked)")).to_have_count(0)
    page.locator("[data-unpick]").click()
    expect(page.locator(BAR)).to_be_hidden()
    assert page.evaluate("window.refused") == []
    page.context.close()


def test_a_stage_is_set_and_taken_back(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(site.url + "/leads?q=Viktor")
    before = page.locator(".leads .stage").first.inner_text()
    page.locator(".leads [name=lead]").first.click()
    page.locator(BAR).get_by_role("button", name="Stage").click()
    page.locator("#bulk-stage").select_option("opportunity")
    page.locator("#bulk-form [name=act]").click()
    expect(page.locator(".leads .stage").first).to_have_text("Opportunity")
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("Set the stage to Opportunity: 1 done")
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-toast]")).to_contain_text("Undone: Set the stage to Opportunity")
    expect(page).to_have_url(re.compile(r"/leads\?q=Viktor&"))
    expect(page.locator(".leads .stage").first).to_have_text(before)
    page.context.close()


def test_the_whole_list_is_chosen_beyond_the_page(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(site.url + "/leads?source=google")
    page.locator("[data-pick-page]").click()
    whole = page.get_by_role("button", name=re.compile(r"Select all \d+ matching"))
    expect(whole).to_be_visible()
    whole.click()
    expect(page.locator("[data-picked]")).to_have_text(re.compile(r"All \d+ are chosen"))
    page.locator(BAR).get_by_role("button", name="List").click()
    page.locator("#bulk-new-list").fill("From Google")
    page.locator("#bulk-form [name=act]").click()
    expect(page.locator("[data-toast]")).to_contain_text("Put on the list “From Google”")
    page.goto(site.url + "/history")
    expect(page.locator("main")).to_contain_text("source is google")
    page.context.close()


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "dark"), (WIDE, "light")], ids=["phone", "wide"]
)
def test_the_bar_with_every_form_fits_and_can_be_read(
    browser: Browser, site: Site, size: tuple[int, int], scheme: str
) -> None:
    page = sites.enter(browser, site, "ada", size=size, scheme=scheme)
    page.goto(site.url + "/leads")
    page.locator(".leads [name=lead]").first.check()
    for name in ("Assign", "Stage", "Set a field", "List", "Task", "Log", "Export", "Trash"):
        page.locator(".bulk-bar .acts").get_by_role("button", name=name).click()
        expect(page.locator("#bulk-form legend")).to_have_text(name)
        check_width(page, name)
        check_accessible(page, name)
    page.context.close()
