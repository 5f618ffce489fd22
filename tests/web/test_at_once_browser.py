"""What is sent looks done at once, and comes back with its text when the server never answers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.web import site as sites
from tests.web.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("office")) as running:
        yield running


def _hold(page: Page, path: str) -> list[Route]:
    """What is asked for there from now on, unanswered."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(path, hold)
    return held


def test_a_call_looks_logged_before_the_answer_and_returns_when_none_comes(
    browser: Browser, office: Site
) -> None:
    page = sites.enter(browser, office, "ben")
    held = _hold(page, "**/log")
    row = page.locator(f"[data-lead='{office.leads['Jonas Weber']}']")
    row.locator("[data-verb=l]").click()
    field = row.locator(".open textarea")
    field.fill("He calls back on Friday")
    row.locator(".open button.primary").click()
    expect(row).to_have_css("opacity", "0.55")
    expect(field).to_be_hidden()
    page.wait_for_timeout(50)
    held[0].abort()
    expect(row).to_have_css("opacity", "1")
    expect(field).to_be_visible()
    expect(field).to_have_value("He calls back on Friday")
    expect(page.locator(".toast.bad")).to_be_visible()
    page.context.close()


def test_a_step_of_the_path_has_its_colour_before_the_answer(
    browser: Browser, office: Site
) -> None:
    page = sites.enter(browser, office, "ben")
    page.goto(f"{office.url}/leads/{office.leads['Mei-Ling Chen']}")
    held = _hold(page, "**/stage")
    other = page.locator(".path button:not(.now)").first
    shown = "(step) => getComputedStyle(step).backgroundColor"
    before, accent = other.evaluate(shown), page.locator(".path button.now").evaluate(shown)
    assert before != accent
    other.click()
    expect(other).to_have_css("background-color", accent)
    held[0].abort()
    expect(page.locator(".toast.bad")).to_be_visible()
    assert other.evaluate(shown) != accent
    page.context.close()
