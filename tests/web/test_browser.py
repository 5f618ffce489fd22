"""The screens in a real browser: nothing runs that should not, everything can be reached."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.web import attacks, sample
from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = ("/today", "/leads", "/leads?stage=sql&score=50", "/scoring", "/capture", "/search?q=an",
           "/settings/profile", "/settings/outbox", "/settings/sending", "/settings/keys",
           "/settings/parked", "/settings/hours", "/settings/system", "/sign-in/two-factor/",
           "/leads/none")  # fmt: skip


def _open(page: Page, site: Site, path: str) -> None:
    page.goto(site.url + path)
    page.wait_for_load_state("load")
    page.wait_for_timeout(150)  # lazy fragments; the live stream never ends


def check_accessible(page: Page, where: str) -> None:
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    told = [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in found]
    assert told == [], (where, told)


def check_width(page: Page, where: str) -> None:
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= seen, f"{where} is {wide} px wide in a window of {seen}"


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"]
)
def test_every_screen_is_accessible_fits_and_keeps_its_policy(
    browser: Browser, site: Site, size: tuple[int, int], scheme: str
) -> None:
    page = sites.enter(browser, site, "ada", size=size, scheme=scheme)
    paths = [*SCREENS, f"/leads/{site.leads['Ingrid Dahl']}"]
    for path in paths:
        _open(page, site, path)
        check_width(page, path)
        check_accessible(page, f"{path} {scheme} {size}")
        assert page.evaluate("window.refused") == [], path
    page.context.close()


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/password/reset/", "/set-up"])
def test_the_way_in_is_accessible_and_fits(browser: Browser, site: Site, path: str) -> None:
    for size in (WIDE, PHONE):
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.goto(site.url + path)
        check_width(page, path)
        check_accessible(page, path)
        page.close()


def test_no_text_of_a_stranger_ever_runs(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    for path in ("/today", "/leads?sort=-created", "/leads?q=alert", "/search?q=alert",
                 "/settings/outbox", "/notices", "/palette?q=alert"):  # fmt: skip
        _open(page, site, path)
        assert page.evaluate("window.refused") == [], path
    for lead_id, payload in zip(site.evil, attacks.PAYLOADS, strict=True):
        _open(page, site, f"/leads/{lead_id}")
        shown = page.locator("h1").inner_text()
        assert shown == " ".join(payload.split()), "the name stands there as it was typed"
        assert payload.split()[0] in page.locator(".said").first.inner_text()
        assert page.evaluate("window.refused") == [], payload
        page.goto(f"{site.url}/leads/{lead_id}/peek")
        assert page.evaluate("window.refused") == [], payload
    assert dialogs == []
    page.context.close()


def test_a_new_lead_appears_in_today_without_a_reload(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    page.evaluate("window.isTheSamePage = true")
    site.arrive("nadia@fresh.example.com", "Nadia Fresh")
    expect(page.locator(".queue")).to_contain_text("Nadia Fresh", timeout=8000)
    expect(page.locator("#notices summary").first).to_have_attribute(
        "aria-label", "20 new notifications", timeout=8000
    )
    assert page.evaluate("window.isTheSamePage") is True
    page.context.close()


def test_news_waits_while_somebody_writes(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    page.keyboard.press("j")
    page.keyboard.press("n")
    page.locator(".open textarea").fill("half a sentence")
    site.arrive("olga@fresh.example.com", "Olga Later")
    expect(page.locator("#new-leads")).to_be_visible(timeout=8000)
    assert page.locator(".open textarea").input_value() == "half a sentence"
    page.click("#new-leads")
    expect(page.locator(".queue")).to_contain_text("Olga Later")
    page.reload()
    page.locator("[data-lead]").first.wait_for()
    page.context.close()


def test_a_call_is_logged_by_keyboard_and_taken_back(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    page.keyboard.press("j")
    first = page.locator(".queue li.here .name").inner_text()
    page.keyboard.press("l")
    expect(page.locator(".open textarea")).to_be_focused()
    page.keyboard.type("Spoke for ten minutes")
    page.click(".open form button.primary")
    expect(page.locator(".toast").first).to_contain_text(f"Call logged for {first}")
    expect(page.locator(".queue .name").first).not_to_have_text(first)
    expect(page.locator(".done")).to_contain_text("Done today")
    expect(page.locator(".queue li.here")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator(".queue .name").first).to_have_text(first)
    page.context.close()


def test_typed_text_survives_a_reload(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    _open(page, site, f"/leads/{site.leads['Grace Lindqvist']}")
    page.fill(".middle .composer textarea", "She prefers mornings")
    page.reload()
    assert page.input_value(".middle .composer textarea") == "She prefers mornings"
    page.click(".middle .composer button.primary")
    expect(page.locator(".timeline")).to_contain_text("She prefers mornings")
    assert page.input_value(".middle .composer textarea") == ""
    page.context.close()


def test_a_draft_is_shown_to_nobody_else_in_the_same_browser(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    address = f"{site.url}/leads/{site.leads['Grace Lindqvist']}"
    page.goto(address)
    page.fill(".middle .composer textarea", "She is about to leave them")
    page.goto("about:blank")  # which asks for nothing while the cookies go
    page.context.clear_cookies()
    page.goto(f"{site.url}/sign-in/")
    page.fill("[name=login]", "ada@acme.example")
    page.fill("[name=password]", sample.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/today")
    page.goto(address)
    expect(page.locator(".middle .composer textarea")).to_have_value("")
    page.context.close()


def test_s_leads_to_the_stage(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    page.goto(f"{site.url}/leads/{site.leads['Grace Lindqvist']}")
    page.keyboard.press("s")
    expect(page.locator(".path button:focus")).to_have_count(1)
    page.context.close()


def test_who_is_on_another_team_learns_whom_to_ask_and_nothing_else(
    browser: Browser, site: Site
) -> None:
    page = sites.enter(browser, site, "cleo")
    page.goto(f"{site.url}/leads/{site.leads['Grace Lindqvist']}")
    shown = page.locator("body")
    expect(shown).to_contain_text("Ada")
    expect(shown).not_to_contain_text("Grace")
    expect(shown).not_to_contain_text("Halvorsen")
    for path in ("/leads", "/search?q=lindqvist", "/companies?q=halvorsen", "/palette?q=lindqvist"):
        page.goto(site.url + path)
        expect(shown).not_to_contain_text("Grace Lindqvist")
        expect(shown).not_to_contain_text("Halvorsen Shipping")
    page.context.close()


def test_peek_goes_through_the_list_and_back_restores_it(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    _open(page, site, "/leads?stage=sql")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    panel = page.locator(".peek")
    expect(panel).to_be_visible()
    before = panel.get_attribute("aria-label")
    page.keyboard.press("j")
    expect(panel).not_to_have_attribute("aria-label", str(before))
    here = page.locator("tr.here").get_attribute("data-lead")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{here}")
    page.go_back()
    expect(page.locator("tr.here")).to_have_attribute("data-lead", str(here))
    page.context.close()


def test_the_palette_finds_a_lead_and_goes_there(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    page.keyboard.press("Control+k")
    page.keyboard.type("ingrid")
    expect(page.locator("#found [role=option]").first).to_contain_text("Ingrid Dahl")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{site.leads['Ingrid Dahl']}")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/today")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.context.close()


def test_a_phone_reaches_everything_from_the_bottom_bar(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben", size=PHONE)
    expect(page.locator(".rail")).to_be_hidden()
    page.click(".bottom >> text=Leads")
    page.wait_for_url("**/leads")
    page.locator("tr[data-lead]").first.click(position={"x": 150, "y": 60})
    page.wait_for_url("**/leads/*-*")
    page.click(".bottom >> text=More")
    expect(page.locator(".bottom .sheet")).to_contain_text("Scoring")
    page.context.close()


def test_the_screens_work_without_javascript(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/sign-in/")
    page.fill("[name=login]", "ben@acme.example")
    page.fill("[name=password]", "correct horse battery")
    page.click("text=Sign in >> nth=-2")
    page.goto(f"{site.url}/leads/{site.leads['Jonas Weber']}")
    page.fill(".middle .composer textarea", "Written without a script")
    page.click(".middle .composer button.primary")
    expect(page.locator(".timeline")).to_contain_text("Written without a script")
    context.close()
