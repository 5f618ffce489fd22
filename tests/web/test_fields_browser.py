"""A field is added in a real browser, filters the list and stands on a form."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web import site as sites
from tests.web.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def test_a_field_is_added_filters_the_list_and_is_asked_on_a_form(
    browser: Browser, site: Site
) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(f"{site.url}/settings/fields")
    page.click("text=Add a field")
    page.fill("#label", "Fleet size")
    page.select_option("#type", "option")
    page.fill("#more", "Small\nVery large")
    page.click("text=Add the field")
    expect(page.locator("[role=status]").first).to_contain_text("Added.")
    assert page.evaluate("window.refused") == []

    page.check("input[name=form][value=newsletter]")
    page.click("text=Save forms")
    expect(page.locator("[role=status]").first).to_contain_text("Saved.")

    page.goto(f"{site.url}/leads")
    page.click("summary:has-text('Filter')")
    page.select_option("#f-by", "fleet_size")
    page.locator("#f-field").get_by_label("Very large").check()
    page.click(".filter-form button:has-text('Show')")
    expect(page.locator(".chip")).to_contain_text("Fleet size is one of Very large")
    expect(page.locator(".empty")).to_contain_text("No lead matches")
    assert page.evaluate("window.refused") == []

    page.wait_for_timeout(2_100)  # the front door reads the forms every second
    page.goto(f"{site.url}/f/newsletter")
    question = page.get_by_label("Fleet size")
    expect(question).to_be_visible()
    assert question.locator("option").all_inner_texts() == ["Please choose", "Small", "Very large"]
    page.context.close()
