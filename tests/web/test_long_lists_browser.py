"""Long lists in a real browser: they go on by themselves, and nothing in them fails unseen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, expect

from tests.web import site as sites
from tests.web.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

MANY = 120
# htmx tells every one of its errors once more under this name.
_NOTE = "window.failed = []; addEventListener('htmx:error', (e) => window.failed.push(e.detail))"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("crowd")) as running:
        running.crowd(MANY)
        yield running


@pytest.mark.parametrize(
    ("path", "rows"), [("/leads", "tr[data-lead]"), ("/companies", "tr[data-row]")]
)
def test_a_long_list_goes_on_without_an_error(
    browser: Browser, crowd: Site, path: str, rows: str
) -> None:
    page = sites.enter(browser, crowd, "ada")
    told: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            told.append(message.text)

    def fall(error: Error) -> None:
        told.append(error.message)

    page.on("console", note)
    page.on("pageerror", fall)
    page.add_init_script(_NOTE)
    page.goto(crowd.url + path)
    expect(page.locator(rows)).to_have_count(50)
    for count in (100, MANY):
        page.locator("tr.more").scroll_into_view_if_needed()
        page.locator(rows).nth(count - 1).wait_for()
    assert (told, page.evaluate("window.failed")) == ([], [])
    page.context.close()
