"""Records by hand in a real browser: the keyboard alone, nothing lost, nothing refused."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def _check(page: Page) -> None:
    """No overlap to the side, nothing that axe objects to, nothing that the policy refused."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= seen
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found] == []
    assert page.evaluate("window.refused") == []


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
def test_c_opens_new_lead_and_a_signature_becomes_one(
    browser: Browser, site: Site, size: tuple[int, int], scheme: str
) -> None:
    page = sites.enter(browser, site, "ben", size=size, scheme=scheme)
    page.keyboard.press("c")
    form = page.locator("#new-lead form.new-lead")
    expect(form.locator("textarea")).to_be_focused()
    name = f"Nora Quist {scheme.capitalize()}"
    form.locator("textarea").fill(f"{name}\nHead of Sales\nQuist AB\nnora.{scheme}@quist.example")
    expect(form.locator("[name=name]")).to_have_value(name)
    expect(form.locator("[name=title]")).to_have_value("Head of Sales")
    _check(page)
    form.locator("[name=phone]").fill("+46 8 123 456 78")
    form.locator("button.add").click()
    page.wait_for_url("**/leads/*-*")
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator(".timeline")).to_contain_text("added this lead by hand")
    page.context.close()


def test_duplicates_appear_while_typing(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    page.goto(f"{site.url}/leads/new")
    page.locator("#new-text").press_sequentially("Ingrid Dahl", delay=20)
    twin = page.locator(".twins li", has_text="Fjordlink")
    expect(page.locator("[name=name]")).to_have_value("Ingrid Dahl")
    expect(twin).to_be_visible()
    page.fill("[name=name]", "Somebody Else")
    expect(page.locator(".twins li")).to_have_count(0)
    page.fill("[name=name]", "Ingrid Dahl")
    twin.get_by_role("link").click()
    page.wait_for_url(f"**/leads/{site.leads['Ingrid Dahl']}")
    page.context.close()
