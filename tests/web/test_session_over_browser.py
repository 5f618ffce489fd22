"""A session that has run out takes nothing that was typed from whoever signs in again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import sample
from tests.web import site as sites
from tests.web.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("office")) as running:
        yield running


def _signs_in_again(page: Page, who: str) -> None:
    page.wait_for_url("**/sign-in/**")
    page.fill("[name=login]", f"{who}@acme.example")
    page.fill("[name=password]", sample.PASSWORD)
    page.press("[name=password]", "Enter")


def test_a_note_is_there_after_signing_in_again_and_is_saved_then(
    browser: Browser, office: Site
) -> None:
    page = sites.enter(browser, office, "ben")
    lead = f"{office.url}/leads/{office.leads['Grace Lindqvist']}"
    page.goto(lead)
    page.fill(".middle .composer textarea", "She prefers mornings, and tea")
    office.end_sessions()
    page.click(".middle .composer .of-log button.primary")
    _signs_in_again(page, "ben")
    page.wait_for_url(lead)
    field = page.locator(".middle .composer textarea")
    expect(field).to_have_value("She prefers mornings, and tea")
    page.click(".middle .composer .of-log button.primary")
    expect(page.locator(".timeline")).to_contain_text("She prefers mornings, and tea")
    expect(field).to_have_value("")
    page.context.close()


def test_what_was_typed_in_today_is_there_when_its_form_is_opened_again(
    browser: Browser, office: Site
) -> None:
    page = sites.enter(browser, office, "ben")
    row = page.locator(f"[data-lead='{office.leads['Jonas Weber']}']")
    row.locator("[data-verb=l]").click()
    row.locator(".open textarea").fill("He calls back on Friday")
    office.end_sessions()
    row.locator(".open button.primary").click()
    _signs_in_again(page, "ben")
    page.wait_for_url("**/today")
    row.locator("[data-verb=l]").click()
    expect(row.locator(".open textarea")).to_have_value("He calls back on Friday")
    page.context.close()


def test_a_value_is_open_again_with_what_was_typed_over_it(browser: Browser, office: Site) -> None:
    page = sites.enter(browser, office, "ben")
    lead = f"{office.url}/leads/{office.leads['Priya Raghunathan']}"
    page.goto(lead)
    value = page.locator("[data-sheet] .value", has_text="Director of Sales")
    key = str(value.get_attribute("id"))
    value.locator("[data-edit]").click()
    field = page.locator(f"#{key} [name=value]:not([type=hidden])")
    field.fill("Chief Sales Officer")
    office.end_sessions()
    field.press("Enter")
    _signs_in_again(page, "ben")
    page.wait_for_url(lead)
    expect(field).to_have_value("Chief Sales Officer")
    page.reload()
    expect(field).to_have_value("Chief Sales Officer")
    field.press("Enter")
    expect(page.locator(f"#{key}")).to_contain_text("Chief Sales Officer")
    page.reload()
    expect(page.locator(f"#{key}")).to_contain_text("Chief Sales Officer")
    expect(field).to_have_count(0)
    page.context.close()


def test_escape_forgets_what_was_typed_over_a_value(browser: Browser, office: Site) -> None:
    page = sites.enter(browser, office, "ben")
    page.goto(f"{office.url}/leads/{office.leads['Mei-Ling Chen']}")
    value = page.locator("[data-sheet] .value", has_text="Director of Growth")
    key = str(value.get_attribute("id"))
    value.locator("[data-edit]").click()
    field = page.locator(f"#{key} [name=value]:not([type=hidden])")
    field.fill("Nobody")
    field.press("Escape")
    expect(page.locator(f"#{key}")).to_contain_text("Director of Growth")
    page.reload()
    page.wait_for_timeout(300)
    expect(field).to_have_count(0)
    page.locator(f"#{key} [data-edit]").click()
    expect(field).to_have_value("Director of Growth")
    page.context.close()
