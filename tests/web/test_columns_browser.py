"""Columns of the list: dragged to another width and another place, by hand and by key."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import site as sites
from tests.web.site import Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def order(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "[data-column]", "(heads) => heads.map((head) => head.dataset.column)"
    )
    return found


def width(page: Page, column: str) -> int:
    box = page.locator(f"[data-column={column}]").bounding_box()
    assert box is not None
    return round(box["width"])


def pull(page: Page, column: str, by: int) -> None:
    """The edge to the left of the column, by so many pixels."""
    box = page.locator(f"[data-column={column}] .edge").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=4)
    page.mouse.up()


def test_an_edge_is_dragged_and_the_view_keeps_the_widths(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(site.url + "/leads")
    before = {column: width(page, column) for column in ("company", "score", "stage")}
    page.mouse.wheel(0, 200)
    pull(page, "stage", -30)  # the temperature gives
    expect(page).to_have_url(re.compile(rf"stage%3A{before['stage'] + 30}"))
    assert width(page, "stage") == before["stage"] + 30
    assert width(page, "score") == before["score"]
    page.locator(".filters summary", has_text="Save as").click()
    page.fill("#view-name", "Wide stage")
    page.locator(".filters form[action*=views] button").last.click()
    page.wait_for_url(re.compile(r"view=\d+$"))
    assert width(page, "stage") == before["stage"] + 30
    check_width(page, "a list with widths")
    check_accessible(page, "a list with widths")
    assert page.evaluate("window.refused") == []
    page.context.close()


def test_a_width_is_changed_by_key_and_stops_at_its_bounds(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(site.url + "/leads")
    edge = page.get_by_role("separator", name="Width of Company")
    before = width(page, "company")
    edge.press("ArrowLeft")
    expect(edge).to_have_attribute("aria-valuenow", str(before + 16))
    expect(page).to_have_url(re.compile(rf"company%3A{before + 16}"))
    expect(edge).to_be_focused()
    pull(page, "company", 900)
    assert width(page, "company") == 56
    pull(page, "company", -1400)
    expect(page).to_have_url(re.compile(r"company%3A"))
    assert width(page, "name") >= 160
    page.set_viewport_size({"width": 900, "height": 800})
    # The browser tells of its new size in its own time.
    expect(page.locator("table.tight")).to_be_visible()
    assert width(page, "name") >= 160
    check_width(page, "widths of a larger screen")
    page.context.close()


def test_a_head_is_dragged_to_another_place(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ada")
    page.goto(site.url + "/leads?sort=name&cols=company,score:90,stage,owner")
    page.locator("[data-column=owner]").drag_to(
        page.locator("[data-column=company]"), target_position={"x": 20, "y": 10}
    )
    page.wait_for_url(re.compile("cols=owner"))
    assert order(page) == ["name", "owner", "company", "score", "stage"]
    assert width(page, "score") == 90
    expect(page).to_have_url(re.compile("sort=name"))
    page.locator("[data-column=company]").drag_to(
        page.locator("[data-column=name]"), target_position={"x": 20, "y": 10}
    )
    page.wait_for_url(re.compile("cols=company"))
    assert order(page) == ["name", "company", "owner", "score", "stage"]
    page.context.close()
