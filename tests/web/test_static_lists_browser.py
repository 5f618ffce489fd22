"""Lists as people use them: found from the leads, renamed, opened, deleted; on a phone too."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_a_list_is_found_renamed_opened_and_deleted(
    browser: Browser, site: Site, size: tuple[int, int], scheme: str
) -> None:
    page = sites.enter(browser, site, "ada", size=size, scheme=scheme)
    name = f"Expo {scheme} {size[0]}"
    _make(page, site, name)
    page.goto(site.url + "/leads")
    page.locator("main header").get_by_role("link", name="Lists").click()
    expect(page.get_by_role("heading", name="Lists", exact=True)).to_be_visible()
    _look(page, "lists")
    row = page.locator("tr", has_text=name)
    row.get_by_role("link", name="Change").click()
    page.wait_for_url("**/leads/lists/*")
    _look(page, "one list")
    page.get_by_label("Name").fill(f"{name} again")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main [role=status]")).to_contain_text("The list has its new name")
    page.get_by_role("link", name=f"{name} again", exact=True).click()
    expect(page.locator(".chip")).to_contain_text(f"On the list “{name} again”")
    expect(page.locator("tr[data-lead]")).to_have_count(1)
    page.goto(site.url + "/leads/lists")
    page.locator("tr", has_text=name).get_by_role("link", name="Change").click()
    page.get_by_role("link", name="Delete the list").click()
    page.wait_for_url("**/delete")
    _look(page, "its end")
    page.get_by_role("button", name="Delete the list of 1 lead").click()
    expect(page.locator("main [role=status]")).to_contain_text("The list is deleted")
    expect(page.locator("tr", has_text=name)).to_have_count(0)
    assert page.evaluate("window.refused") == []
    page.context.close()


def _make(page: Page, site: Site, name: str) -> None:
    """A list of one lead, from the bar under the leads."""
    page.goto(site.url + "/leads?q=Viktor")
    page.locator(".leads [name=lead]").first.check()
    page.locator(".bulk-bar .acts").get_by_role("button", name="List").click()
    page.locator("#bulk-new-list").fill(name)
    page.locator("#bulk-form [name=act]").click()
    expect(page.locator("[data-toast]")).to_contain_text(f"Put on the list “{name}”")


def _look(page: Page, what: str) -> None:
    check_width(page, what)
    check_accessible(page, what)
