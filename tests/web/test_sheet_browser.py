"""A lead's page while it is written on: nothing is swept away, and what is offered is done."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.web import site as sites
from tests.web.site import PHONE, Site
from tests.web.test_browser import check_accessible

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

BOX = ".middle .composer textarea"
CHANGED = "window.htmx.trigger(document.body, 'leadline:changed')"


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """Ada's page of a lead."""
    page = sites.enter(browser, site, "ada")
    page.goto(f"{site.url}/leads/{site.leads['Grace Lindqvist']}")
    yield page
    page.context.close()


def held(page: Page, address: str) -> list[Route]:
    """The next request to an address, once it is made: it waits until it is let go."""
    found: list[Route] = []

    def hold(route: Route) -> None:
        if found:
            route.continue_()
        else:
            found.append(route)

    page.route(address, hold)
    return found


def logged(page: Page, note: str) -> None:
    """The note is in the timeline, and neither in the box nor among the drafts."""
    expect(page.locator(".timeline")).to_contain_text(note)
    expect(page.locator(BOX)).to_have_value("")
    page.reload()
    assert page.input_value(BOX) == ""


def test_a_note_is_sent_while_the_page_wants_to_refresh(page: Page) -> None:
    posts = held(page, "**/log")
    page.fill(BOX, "She asks for March")
    with page.expect_request("**/log"):
        page.click(".of-log button.primary")
    page.evaluate(CHANGED)
    page.wait_for_timeout(300)
    posts[0].continue_()
    logged(page, "She asks for March")


def test_a_note_is_sent_while_the_page_is_being_refreshed(page: Page) -> None:
    posts, sheets = held(page, "**/log"), held(page, page.url)
    page.fill(BOX, "She asks for April")
    with page.expect_request(page.url):
        page.evaluate(CHANGED)
    with page.expect_request("**/log"):
        page.click(".of-log button.primary")
    with page.expect_response(page.url):
        sheets[0].continue_()
    page.wait_for_timeout(200)
    posts[0].continue_()
    logged(page, "She asks for April")


def test_what_follows_from_an_edit_waits_until_nobody_types(page: Page) -> None:
    page.keyboard.press("e")
    page.locator("[data-edit-form] input.input").fill("Grace Lindqvist-Dahl")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Grace Lindqvist-Dahl")
    page.locator(BOX).press_sequentially("Half a")
    page.wait_for_timeout(1_900)
    page.keyboard.type(" sentence")
    assert page.input_value(BOX) == "Half a sentence"
    page.fill(BOX, "")
    page.locator(BOX).blur()
    expect(page.locator(".timeline")).to_contain_text("Grace Lindqvist-Dahl", timeout=4_000)


def test_the_next_step_in_today_opens_its_form_on_a_phone(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben", size=PHONE)
    row = page.locator(".queue > li").filter(has=page.locator(".next-act")).first
    expect(row.locator(".reach")).to_have_attribute("href", re.compile("^(tel|mailto):."))
    row.locator(".next-act").tap()
    expect(row.locator(".open form")).to_be_visible()
    expect(row.locator(".open form textarea")).to_be_focused()
    page.context.close()


_SLOW = """async () => {
    document.querySelector("main").insertAdjacentHTML("afterbegin", `<form method="post"
        action="/slow"><button id="slow" data-busy="Making it">Make</button></form>`);
    const button = document.getElementById("slow");
    button.click();
    await new Promise((go) => setTimeout(go, 50));
    return [button.textContent, button.disabled];
}"""


def test_a_button_of_long_work_says_so_and_is_pressed_once(page: Page) -> None:
    page.route("**/slow", lambda route: None)
    assert page.evaluate(_SLOW) == ["Making it", True]


def test_retry_sends_what_got_no_answer_and_nothing_is_there_twice(page: Page) -> None:
    lost: list[Route] = []

    def lose_the_answer(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route)
        route.fetch()
        return route.abort()

    page.route("**/log", lose_the_answer)
    page.fill(BOX, "Her board meets on the ninth")
    page.click(".of-log button.primary")
    toast = page.locator("#toasts .bad")
    expect(toast).to_contain_text("No answer came")
    check_accessible(page, "a failed request")
    toast.get_by_role("button", name="Retry").click()
    logged(page, "Her board meets on the ninth")
    expect(page.locator(".timeline").get_by_text("Her board meets on the ninth")).to_have_count(1)
    expect(toast).to_have_count(0)


def test_what_trying_again_cannot_help_offers_no_retry(page: Page) -> None:
    page.route("**/log", lambda route: route.fulfill(status=403, body=""))
    page.fill(BOX, "She left")
    page.click(".of-log button.primary")
    expect(page.locator("#toasts .bad")).to_contain_text("Nothing was changed")
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)
    assert page.input_value(BOX) == "She left"
