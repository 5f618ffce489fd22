"""Drafts of scoring in a real browser: saved while typing, rules built by keyboard, on a phone."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def _quiet(route: Route) -> None:
    """No analyst is started for what other tests look at."""
    route.fulfill(body="<p>…</p>", content_type="text/html")


def _open_draft(page: Page, site: Site) -> None:
    page.route("**/effect", _quiet)
    page.route("**/today", lambda r: _quiet(r) if "/models/" in r.request.url else r.continue_())
    page.goto(f"{site.url}/scoring")
    page.locator("text=/^(Edit a draft|Go on with the draft)$/").first.click()
    page.wait_for_url("**/scoring/drafts/*")


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"]
)
def test_draft_rule_and_versions_are_accessible_and_fit(
    browser: Browser, site: Site, size: tuple[int, int], scheme: str
) -> None:
    page = sites.enter(browser, site, "ada", size=size, scheme=scheme)
    _open_draft(page, site)
    draft = page.url
    for path in (draft, f"{draft}/rules/engagement/0", f"{draft}/rules/engagement/1",
                 f"{draft}/rules/fit/0?band=0", f"{draft}/rules/fit/new?kind=when",
                 f"{site.url}/scoring/models/1/versions"):  # fmt: skip
        page.goto(path)
        check_width(page, path)
        check_accessible(page, f"{path} {scheme} {size}")
        assert page.evaluate("window.refused") == [], path
    page.context.close()


def test_a_number_is_saved_while_it_is_typed_and_a_wrong_one_is_said(
    browser: Browser, site: Site
) -> None:
    page = sites.enter(browser, site, "ada")
    _open_draft(page, site)
    points = page.locator(".draft-rule", has_text="Pricing page visit").get_by_label("Points")
    points.fill("many")
    points.press("Tab")
    expect(page.locator("#draft-state [role=alert]")).to_contain_text("This is no number.")
    expect(points).to_have_value("many")
    points.fill("17")
    points.press("Enter")
    expect(page.locator(".changes")).to_contain_text("Pricing page visit: 15 → 17 points")
    page.reload()
    expect(points).to_have_value("17")
    points.fill("15")
    points.press("Tab")
    expect(page.locator("#draft-state")).to_contain_text("the same as the version in force")
    page.context.close()


def test_a_rule_is_built_by_keyboard_alone_and_reads_as_a_sentence(
    browser: Browser, site: Site
) -> None:
    page = sites.enter(browser, site, "ada", size=PHONE)
    _open_draft(page, site)
    page.goto(f"{page.url}/rules/engagement/new?kind=when")
    page.evaluate("window.isTheSamePage = true")
    page.fill("[id='rule.name']", "Keen on prices")
    page.fill("[id='rule.points']", "5")
    page.locator("[id='rule.what']").focus()
    page.select_option("[id='rule.what']", "did")
    expect(page.locator("[id='rule.what']")).to_be_focused()
    expect(page.locator("[id='rule.a0.event']")).to_be_visible()
    page.locator("[id='rule.a0.event']").type("Page Viewed")
    expect(page.locator(".rule-said")).to_contain_text("Visited a page")
    page.locator("[id='rule.add.rule']").press("Enter")
    expect(page.locator("[id='rule-1.what']")).to_be_focused()
    assert page.locator("[id='rule-0.a0.event']").input_value() == "Page Viewed"
    page.select_option("[id='rule-1.what']", "trait:title_seniority")
    page.select_option("[id='rule-1.t0.v']", "vp")
    expect(page.locator(".rule-said")).to_contain_text("Visited a page and seniority is VP")
    page.locator("[id='rule.text']").press("Enter")
    written = page.get_by_label("The rule as text (YAML)")
    expect(written).to_have_value(
        "all:\n  - did: Page Viewed\n  - trait: title_seniority\n    is: vp\n"
    )
    assert page.evaluate("window.isTheSamePage") is True
    page.click("button:has-text('Save')")
    page.wait_for_url("**/scoring/drafts/*")
    expect(page.locator(".draft-rule", has_text="Keen on prices")).to_contain_text(
        "Visited a page and seniority is VP"
    )
    page.locator("button[aria-label='Remove: Keen on prices']").click()
    expect(page.locator(".draft-rule", has_text="Keen on prices")).to_have_count(0)
    page.context.close()


def test_what_is_typed_while_the_builder_is_under_way_is_not_lost(
    browser: Browser, site: Site
) -> None:
    page = sites.enter(browser, site, "ada")
    _open_draft(page, site)
    page.goto(f"{page.url}/rules/engagement/0")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/rules/**", hold)
    page.select_option("[id='rule.a0.w0.op']", "ends")
    page.wait_for_function("document.querySelector('.htmx-request') !== null")
    page.fill("[id='rule.a0.w0.v']", "/prices")
    page.unroute("**/rules/**")
    for route in held:
        route.continue_()
    expect(page.locator(".rule-said")).to_contain_text("whose path ends with /prices")
    assert page.locator("[id='rule.a0.w0.v']").input_value() == "/prices"
    page.context.close()
