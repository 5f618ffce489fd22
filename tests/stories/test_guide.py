"""The guide's pictures: each screen that it shows is walked to and photographed in every run.

With LEADLINE_WRITE_PICTURES=1 (`make screens`) those of the first hour are written to docs/screens.
The others are kept there as the demo shows them; here they are taken of the sample.
"""

import os
import re
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts import screens
from scripts.screens import LOOKS, ROOT, Look
from tests.web import site as sites
from tests.web.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

LIGHT = LOOKS[0]
# An empty page has fewer rows that are unlike the one above, and so has one with an error on it.
BUSY_ROWS = 150
DEMO = '{"demo": {"companies": 85, "deals": 8800, "sales_people": 35}}'


@dataclass(frozen=True)
class Screen:
    """What a picture shows: where it is, what must stand on it, what is done there first."""

    address: str
    heading: str
    prepare: Callable[[Page], None] = lambda _page: None


def _take_back_one_of_two(page: Page) -> None:
    """Two things done to many leads, one of which was taken back."""
    for stage in ("sql", "opportunity"):
        page.goto(urljoin(page.url, "/leads"))
        screens.choose_some(page)
        page.locator("#bulk").get_by_role("button", name="Stage").click()
        page.locator("#bulk-stage").select_option(stage)
        page.locator("#bulk-form [name=act]").click()
        expect(page.locator("[data-toast]")).to_contain_text("3 done")
    page.goto(urljoin(page.url, "/history"))
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("main")).to_contain_text("Undone by")
    page.goto(urljoin(page.url, "/history"))


FIRST_HOUR: Mapping[str, Screen] = {
    "first-steps": Screen("/today?steps=open", "First steps"),
    "fields": Screen("/settings/fields", "Fields"),
    "history": Screen("/history", "History", _take_back_one_of_two),
    "demo": Screen("/demo", "What is real in this demo"),
}
HEADINGS = {
    "today": "Today",
    "leads": "Leads",
    "bulk": "Leads",
    "company": "",
    "lead": "",
    "scoring": "Scoring",
    "scoring-draft": "Scoring",
    "scoring-rule": "",
    "segment": "segment",
    "capture": "Capture",
    "notifications": "Notifications",
    "people": "People",
    "profile": "Profile",
    "public-page": "",
}
# What these wait for is worked out by a process that only a whole tree has (stories.test_scoring);
# here the page is looked at that leads there.
ANALYSED = {"scoring", "scoring-draft"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample without hostile leads: what is written is looked at by people."""
    with sites.running(tmp_path_factory.mktemp("guide")) as running:
        yield running


def _shown() -> list[str]:
    """`today-light`: the pictures that the guide and the README link to."""
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    found = {
        name for text in texts for name in re.findall(r"screens/([a-z-]+)\.png", text.read_text())
    }
    return sorted(found)


def _look(shown: str) -> tuple[str, Look]:
    name, _, called = shown.rpartition("-")
    return name, next(look for look in LOOKS if look.name == called)


@contextmanager
def _entered(browser: Browser, site: Site, look: Look) -> Iterator[Page]:
    """Ada's window, until the block ends; by then no answer was an error and no script failed."""
    size = (look.width, look.height)
    page = sites.enter(browser, site, "ada", size=size, scheme=look.scheme)
    wrong: list[str] = []
    page.on("response", lambda said: wrong.append(said.url) if said.status >= 400 else None)
    page.on("pageerror", lambda error: wrong.append(error.message))
    yield page
    assert wrong == []
    page.context.close()


def check_picture(picture: bytes, look: Look) -> None:
    """A PNG of the look's size on which there is something to see."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colours = struct.unpack(">IIBB", picture[16:26])
    assert (width, height, depth) == (look.width, look.height, 8)
    rows = zlib.decompress(b"".join(_parts(picture, b"IDAT")))
    long = 1 + width * {2: 3, 6: 4}[colours]
    assert len({rows[at : at + long] for at in range(0, len(rows), long)}) > BUSY_ROWS


def _parts(picture: bytes, kind: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        if picture[at + 4 : at + 8] == kind:
            yield picture[at + 8 : at + 8 + size]
        at += size + 12


def check_screen(page: Page, heading: str) -> None:
    """Its heading is in the window, and the policy refused nothing on it."""
    title = page.get_by_role("heading", name=heading).first
    expect(title).to_be_in_viewport()
    assert title.inner_text()
    assert page.evaluate("window.refused") == []


@pytest.mark.parametrize("name", ["first-steps", "fields", "history"])
def test_a_screen_of_the_first_hour_is_photographed(
    browser: Browser, site: Site, name: str
) -> None:
    _photograph(browser, site, name)


def test_the_demos_own_page_is_photographed(browser: Browser, site: Site) -> None:
    with closing(sqlite3.connect(site.data / "leadline.sqlite3", timeout=20)) as file:
        change = "UPDATE workspace_workspace SET is_demo = ?, notes = ?"
        file.execute(change, (1, DEMO))
        file.commit()
        _photograph(browser, site, "demo")
        file.execute(change, (0, "{}"))
        file.commit()


def _photograph(browser: Browser, site: Site, name: str) -> None:
    screen = FIRST_HOUR[name]
    with _entered(browser, site, LIGHT) as page:
        page.goto(site.url + screen.address)
        screen.prepare(page)
        picture = screens.picture(page)
        check_screen(page, screen.heading)
    check_picture(picture, LIGHT)
    if os.environ.get(screens.WRITE):
        screens.file(name, LIGHT).write_bytes(picture)
    assert f"{name}-{LIGHT.name}" in _shown(), "nobody sees it"


@pytest.mark.parametrize("shown", [each for each in _shown() if _look(each)[0] not in FIRST_HOUR])
def test_a_screen_that_the_guide_shows_can_be_photographed(
    browser: Browser, site: Site, shown: str
) -> None:
    name, look = _look(shown)
    with _entered(browser, site, look) as page:
        page.goto(site.url + screens.addresses(page, site.url)[name])
        if name not in ANALYSED:
            screens.BEFORE.get(name, lambda _page: None)(page)
        check_screen(page, HEADINGS[name])
        check_picture(page.screenshot(), look)


@pytest.mark.parametrize("shown", _shown())
def test_the_file_that_is_linked_to_is_a_picture_of_its_look(shown: str) -> None:
    name, look = _look(shown)
    check_picture(screens.file(name, look).read_bytes(), look)


def test_an_empty_page_is_no_picture(browser: Browser) -> None:
    """The twin of what every other test here relies on."""
    page = browser.new_page(viewport={"width": LIGHT.width, "height": LIGHT.height})
    page.set_content("<h1>Something is wrong</h1><p>Please come back later.</p>")
    with pytest.raises(AssertionError):
        check_picture(page.screenshot(), LIGHT)
    page.close()
