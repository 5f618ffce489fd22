"""Records by hand in a real browser: the keyboard alone, nothing lost, nothing refused."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

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


def _value(page: Page, key: str) -> Locator:
    return page.locator(f"#value-{key}")


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
def test_a_value_is_edited_in_place_by_keyboard(
    browser: Browser, site: Site, size: tuple[int, int], scheme: str
) -> None:
    page = sites.enter(browser, site, "ada", size=size, scheme=scheme)
    page.goto(f"{site.url}/leads/{site.leads['Tomasz Zieliński']}")
    _check(page)
    title = _value(page, "title-0")
    before = title.inner_text()
    title.click(position={"x": 4, "y": 8})
    expect(title.locator("input[name=value]")).to_be_focused()
    _check(page)
    page.keyboard.type("Not this")
    page.keyboard.press("Escape")
    expect(title).to_have_text(before)
    title.locator("[data-edit]").focus()
    page.keyboard.press("e")
    expect(title.locator("input[name=value]")).to_be_focused()
    page.keyboard.type(f"Chief of Grids {scheme}")
    page.keyboard.press("Enter")
    expect(title).to_contain_text(f"Chief of Grids {scheme}")
    expect(title.locator(".tick")).to_be_attached()
    expect(page.locator(".timeline")).to_contain_text("changed Job title")
    page.context.close()


def test_tab_saves_and_goes_on_to_the_next_value(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(f"{site.url}/leads/{site.leads['Sofia Papadopoulou']}")
    page.keyboard.press("e")
    heading = page.locator("h1 .value")
    expect(heading.locator("input[name=value]")).to_be_focused()
    page.keyboard.type("Sofia P.")
    page.keyboard.press("Tab")
    expect(page.locator("h1")).to_contain_text("Sofia P.")
    expect(page.locator("#lead [data-edit-form]")).to_have_count(1)
    expect(page.locator("#lead [data-edit-form]")).to_have_attribute("aria-label", "Change E-mail")
    page.context.close()


def test_two_tabs_on_one_record_lose_nothing(browser: Browser, site: Site) -> None:
    address = f"{site.url}/leads/{site.leads['Aoife Byrne']}"
    one, two = (sites.enter(browser, site, who) for who in ("ada", "ben"))
    for page in (one, two):
        page.goto(address)
        _value(page, "title-0").click(position={"x": 4, "y": 8})
        expect(_value(page, "title-0").locator("input[name=value]")).to_be_focused()
    one.keyboard.type("Head of Care")
    one.keyboard.press("Enter")
    expect(_value(one, "title-0")).to_contain_text("Head of Care")
    two.keyboard.type("Director of Care")
    two.keyboard.press("Enter")
    both = _value(two, "title-0")
    expect(both).to_contain_text("Ada Lindholm changed this meanwhile")
    expect(both).to_contain_text("Head of Care")
    expect(both).to_contain_text("Director of Care")
    _check(two)
    both.get_by_role("button", name="Use mine").click()
    expect(two.locator("#lead .both")).to_have_count(0)
    expect(_value(two, "title-0").locator("bdi")).to_have_text("Director of Care")
    one.context.close()
    two.context.close()
