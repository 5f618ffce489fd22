"""A file goes with a lead in the browser: chosen, listed, saved, removed, undone."""

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.web import site as sites
from tests.web.site import Site

OFFER: FilePayload = {
    "name": "Angebot.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7 an offer",
}

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def test_a_file_is_chosen_and_stands_in_the_timeline(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    page.goto(f"{site.url}/leads/{site.leads['Amara Okafor']}")
    page.get_by_role("textbox", name="What happened").fill("A draft")
    page.locator("input[name=file]").set_input_files([OFFER])
    link = page.get_by_role("link", name="Angebot.pdf")
    expect(link).to_be_visible()
    expect(page.get_by_role("textbox", name="What happened")).to_have_value("A draft")
    with page.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename == "Angebot.pdf"
    page.get_by_role("button", name="Remove Angebot.pdf").click()
    expect(link).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    expect(link).to_be_visible()
    assert page.evaluate("window.refused") == []
    page.context.close()
