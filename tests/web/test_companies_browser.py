"""Companies, search and views in the browser: by keyboard, in place, and on a phone."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.web import site as sites
from tests.web.site import PHONE, Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def test_a_company_is_found_opened_and_changed_by_keyboard(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/companies$"))
    page.get_by_role("searchbox", name="Search companies").fill("orchid")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.locator("main h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(page.locator(".peek")).to_contain_text("Mei-Ling Chen")
    check_accessible(page, "the panel of a company")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Orchid Retail")
    page.locator("dd .value [data-edit]").first.press("Enter")
    field = page.locator("[data-edit-form] input.input")
    expect(field).to_be_focused()
    field.fill("710")
    field.press("Enter")
    expect(page.locator("[data-edit-form]")).to_have_count(0)
    expect(page.locator(".left")).to_contain_text("710")
    page.locator(".people-list summary").first.click()
    expect(page.locator(".people-list .timeline .entry").first).to_be_visible()
    check_accessible(page, "the page of a company")
    assert page.evaluate("window.refused") == []
    page.context.close()


def test_an_empty_palette_offers_what_was_opened_lately(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    with page.expect_response("**/visited") as noted:
        page.goto(f"{site.url}/leads/{site.leads['Ingrid Dahl']}")
    assert noted.value.ok
    page.keyboard.press("Control+k")
    expect(page.locator("#found [role=option]").first).to_contain_text("Ingrid Dahl")
    page.keyboard.type("lindkvist")
    expect(page.locator("#found")).to_contain_text("Spelt nearly so")
    expect(page.locator("#found [role=option]").first).to_contain_text("Grace Lindqvist")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(site.leads["Grace Lindqvist"]))
    page.context.close()


def test_a_view_gets_columns_a_name_and_comes_back(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(site.url + "/leads")
    page.locator("summary", has_text="Columns").click()
    page.locator(".columns-menu a", has_text="Job title").click()
    expect(page.locator("thead")).to_contain_text("Job title")
    page.locator("summary", has_text="Save as").click()
    page.get_by_label("Name of the view").last.fill("With titles")
    page.get_by_role("button", name="Save", exact=True).last.click()
    tab = page.locator(".tabs a", has_text="With titles")
    expect(tab).to_have_attribute("aria-current", "page")
    page.locator(".view-menu summary").click()
    check_accessible(page, "the menu of a view")
    page.get_by_role("button", name="Remove this view").click()
    expect(page.locator("[role=status]", has_text="was removed")).to_be_visible()
    expect(tab).to_have_count(0)
    page.get_by_role("button", name="Undo").first.click()
    expect(tab).to_have_attribute("aria-current", "page")
    page.context.close()


@pytest.mark.parametrize(
    "path", ["/companies", "/search?q=lindkvist", "/leads?cols=email,phone,why"]
)
def test_the_new_screens_fit_a_phone(browser: Browser, site: Site, path: str) -> None:
    page = sites.enter(browser, site, "ada", size=PHONE, scheme="dark")
    page.goto(site.url + path)
    check_width(page, path)
    check_accessible(page, path)
    page.context.close()
