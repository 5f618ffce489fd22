"""Takes the pictures in docs/screens: the demo workspace, light, dark and on a phone.

Builds the demo in build/screens if it is not there, serves it on a port of its own, signs in as
its owner and photographs what a person sees. Those of the first hour (first steps, fields, history,
the demo's own page) are taken by the test of the guide. Run it with `make screens`, then look at
them.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
DATA = ROOT / "build" / "screens"
PICTURES = ROOT / "docs" / "screens"
WRITE = "LEADLINE_WRITE_PICTURES"
PORT = 8137
URL = f"http://127.0.0.1:{PORT}"
PASSWORD = "only for pictures 4711"  # noqa: S105  # of a workspace that holds made-up people
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    name: str
    width: int
    height: int
    scheme: str


LOOKS = (
    Look("light", 1440, 900, "light"),
    Look("dark", 1440, 900, "dark"),
    Look("phone", 390, 844, "light"),
)


@contextmanager
def served() -> Iterator[None]:
    """The demo, served until the block ends."""
    leadline = [sys.executable, "-m", "leadline"]
    if not (DATA / "set_up.json").exists():
        shutil.rmtree(DATA, ignore_errors=True)
        subprocess.run(  # noqa: S603  # ourselves
            [*leadline, "setup", "--data", DATA, "--demo", "--base-url", URL,
             "--owner-password", PASSWORD],
            check=True,
        )  # fmt: skip
    process = subprocess.Popen(  # noqa: S603  # ourselves
        [*leadline, "serve", "--data", DATA, "--port", str(PORT)]
    )
    try:
        _wait()
        yield
    finally:
        process.terminate()
        process.wait(40)


def _wait() -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urlopen(f"{URL}/readyz", timeout=2):  # noqa: S310  # our own address
                return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def signed_in(browser: Browser, look: Look) -> Page:
    """A page of the demo's owner."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.scheme == "dark" else "light",
        locale="en-GB",
    )
    page = context.new_page()
    page.goto(f"{URL}/sign-in/")
    page.fill("input[name=login]", json.loads((DATA / "set_up.json").read_text())["owner"])
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/today*")
    return page


def addresses(page: Page, url: str = URL) -> Mapping[str, str]:
    """Picture → address. The lead is the first in Today, the company the first of its list."""
    lead = page.locator("main a[href*='/leads/']").first.get_attribute("href")
    page.goto(f"{url}/companies")
    company = page.locator("main a[href^='/companies/']").first.get_attribute("href")
    return {
        "today": "/today",
        "leads": "/leads",
        "bulk": "/leads",
        "lead": lead or "/leads",
        "companies": "/companies",
        "company": company or "/companies",
        "scoring": "/scoring",
        "scoring-draft": "/scoring",
        "scoring-rule": "/scoring",
        "segment": "/leads/segments/new",
        "capture": "/capture",
        "notifications": "/settings/notifications",
        "people": "/settings/people",
        "profile": "/settings/profile",
        "currencies": "/settings/currencies",
        "public-page": "/p/demo",
    }


def choose_some(page: Page) -> None:
    """Three leads of the list, for the picture of what can be done with many."""
    for box in page.locator("tbody input[type=checkbox]").all()[:3]:
        box.check()


def edit_draft(page: Page) -> None:
    """A draft in which a visit of the prices gives 25 points, with what it would change."""
    page.locator("text=/^(Edit a draft|Go on with the draft)$/").first.click()
    page.wait_for_selector(".effect .became", timeout=60_000)
    points = page.locator("[name='engagement.0.points']")
    points.fill("24")  # it may have been 25 already in the picture before
    points.press("Tab")
    page.wait_for_selector(".changes :text('24 points')")
    points.fill("25")
    points.press("Tab")
    page.wait_for_selector(".changes :text('25 points')")
    page.wait_for_selector(".effect:not(.htmx-request) .crossing a", timeout=60_000)
    page.evaluate("scrollTo(0, 0)")


def open_rule(page: Page) -> None:
    """The page of one rule of the draft."""
    page.locator("text=/^(Edit a draft|Go on with the draft)$/").first.click()
    page.locator("[id='engagement.0'] p a").click()
    page.wait_for_selector(".builder")


def ask_for_events(page: Page) -> None:
    """A rule of two conditions in the builder: the prices twice in a week, and who is hot."""
    page.select_option("[name='rule.what']", "did")
    page.fill("[name='rule.a0.event']", "Page Viewed")
    page.click("text=whose …")
    page.fill("[name='rule.a0.w0.name']", "path")
    page.select_option("[name='rule.a0.w0.op']", "starts")
    page.fill("[name='rule.a0.w0.v']", "/pricing")
    page.fill("[name='rule.times']", "2")
    page.fill("[name='rule.span']", "7")
    page.click("text=Add a condition")
    page.select_option("[name='rule-1.what']", "temperature")
    page.select_option("[name='rule-1.t0.v']", "hot")
    page.wait_for_selector(".rule-said .icon")


BEFORE = {
    "bulk": choose_some,
    "scoring": lambda page: page.wait_for_selector(".effect .became", timeout=60_000),
    "scoring-draft": edit_draft,
    "scoring-rule": open_rule,
    "segment": ask_for_events,
}
"""What is done on a page before its picture is taken."""


def picture(page: Page) -> bytes:
    """What stands in the window, as a PNG."""
    page.wait_for_timeout(700)  # lazy fragments and fonts; the live stream never ends
    return page.screenshot()


def file(name: str, look: Look) -> Path:
    """Where the picture of a screen stands."""
    return PICTURES / f"{name}-{look.name}.png"


def of_the_guide() -> None:
    """Those that the test of the guide takes, in every run, and keeps when it is told to."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/stories/test_guide.py"],
        cwd=ROOT, env={**os.environ, WRITE: "1"}, check=True,
    )  # fmt: skip


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with served(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-headless-shell"),
            args=list(QUIET),
        )
        for look in LOOKS:
            page = signed_in(browser, look)
            for name, address in addresses(page).items():
                page.goto(URL + address)
                page.wait_for_load_state("load")
                BEFORE.get(name, lambda _page: None)(page)
                file(name, look).write_bytes(picture(page))
        browser.close()
    of_the_guide()


if __name__ == "__main__":
    main()
