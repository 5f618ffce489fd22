"""The Demo chip stands in the top bar of every width, and leads to what is real here."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, expect

from tests.web import site as sites
from tests.web.site import Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("demo"), "demo") as running:
        yield running


def _box(found: Locator) -> FloatRect:
    box = found.bounding_box()
    assert box is not None
    return box


@pytest.mark.parametrize("wide", [1440, 1024, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chip_stands_in_the_top_bar_and_leads_to_its_page(
    browser: Browser, demo: Site, wide: int, scheme: str
) -> None:
    page = sites.enter(browser, demo, "ada", size=(wide, 844), scheme=scheme)
    page.goto(f"{demo.url}/leads")
    page.mouse.wheel(0, 400)
    chip = page.locator(".chip-demo")
    expect(chip).to_have_count(1)
    bar, box, bell = _box(page.locator("header.top")), _box(chip), _box(page.locator("#bell"))
    assert bar["y"] == 0
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= bar["height"]
    assert abs((box["y"] + box["height"] / 2) - (bell["y"] + bell["height"] / 2)) <= 1
    assert bar["x"] <= box["x"]
    assert box["x"] + box["width"] < bell["x"]
    assert box["height"] >= 24
    check_width(page, f"/leads at {wide}")
    check_accessible(page, f"/leads at {wide} {scheme}")
    chip.click()
    page.wait_for_url("**/demo")
    expect(page.locator("h1")).to_be_visible()
    page.context.close()
