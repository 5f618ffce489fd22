"""Inviting in a real browser: Ada copies a link, Dora joins by it, nothing was mailed."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PEOPLE = "/settings/people"


def looked_at(page: Page, name: str) -> None:
    """Accessible, not wider than the window, nothing refused; a picture where one is wanted."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    told = [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in found]
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if folder := os.environ.get("LEADLINE_PICTURES"):
        page.screenshot(path=f"{folder}/{name}-{seen}.png", full_page=True)
    assert told == [], name
    assert wide <= seen, name


def test_a_colleague_joins_by_a_copied_link(browser: Browser, site: Site) -> None:
    ada = sites.enter(browser, site, "ada")
    ada.goto(site.url + PEOPLE)
    ada.select_option("#role", "manager")
    ada.select_option("#team", label="Sales")
    ada.click("text=Make an invitation")
    link = ada.locator("#invitation-link").inner_text()
    looked_at(ada, "link")
    dora = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    dora.goto(link)
    looked_at(dora, "join")
    dora.fill("#name", "Dora Weiss")
    dora.fill("#email", "dora@acme.example")
    dora.fill("#password", "a few words in a row")
    dora.get_by_role("button", name="Join").click()
    dora.wait_for_url("**/today")
    dora.goto(link)
    expect(dora.locator("h1")).to_have_text("This link does not work")
    looked_at(dora, "over")
    dora.close()
    ada.goto(site.url + PEOPLE)
    expect(ada.locator("tr", has_text="Dora Weiss")).to_contain_text("Manager")
    ada.context.close()


@pytest.mark.parametrize("has_clipboard", [True, False], ids=["secure", "plain-http"])
def test_copy_puts_the_link_on_the_clipboard(
    browser: Browser, site: Site, has_clipboard: bool
) -> None:
    ada = sites.enter(browser, site, "ada")
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not has_clipboard:
        ada.context.add_init_script(
            "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
        )
    ada.goto(site.url + PEOPLE)
    ada.click("text=Make an invitation")
    link = ada.locator("#invitation-link").inner_text()
    ada.click("[data-copy=invitation-link]")
    expect(ada.locator("[data-copy=invitation-link]")).to_contain_text("Copied")
    ada.locator("#search").focus()
    ada.keyboard.press("Control+v")
    expect(ada.locator("#search")).to_have_value(link)
    ada.context.close()


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"]
)
def test_people_roles_and_audit_are_accessible_and_fit(
    browser: Browser, site: Site, size: tuple[int, int], scheme: str
) -> None:
    page = sites.enter(browser, site, "ada", size=size, scheme=scheme)
    page.goto(site.url + PEOPLE)
    page.click("text=Make an invitation")
    looked_at(page, "people")
    page.locator("tr", has_text="Ben Carter").get_by_role("link").first.click()
    looked_at(page, "person")
    page.click("text=Deactivate")
    expect(page.get_by_role("heading", name="Deactivate Ben Carter")).to_be_visible()
    looked_at(page, "leaves")
    for path in ("/settings/roles", "/settings/audit?check=1", "/settings/people/none"):
        page.goto(site.url + path)
        looked_at(page, path.split("/")[-1].split("?")[0])
    assert page.evaluate("window.refused") == []
    page.context.close()
