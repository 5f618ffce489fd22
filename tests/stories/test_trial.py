"""The first half hour without a manual: demo, own workspace, a form on one's own site, a colleague.

Everything is clicked and copied from what the screens say; the form stands on another origin.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.worker import tree as trees
from tests.worker.tree import Tree

# A demo on PostgreSQL has one database and says so instead (tests/web/test_demo.py).
pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PASSWORD = "correct horse battery"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The site's own log is nobody's business here."""


@contextmanager
def _own_site(folder: Path) -> Iterator[str]:
    """A folder of static pages on an origin of its own, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@contextmanager
def _begun(folder: Path, *wanted: str) -> Iterator[Tree]:
    """What `make run` does in a bare folder."""
    port = trees.free_port()
    url = f"http://127.0.0.1:{port}"
    tree = Tree(folder / "data", port, trees.fresh_environment(folder / "data"), {})
    done = trees.run(
        tree.environment, "setup", "--data", str(tree.data), "--base-url", url,
        "--owner-email", "ada@example.com", "--owner-password", PASSWORD, *wanted,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if not wanted:
        with closing(sqlite3.connect(tree.data / "leadline.sqlite3", timeout=20)) as file:
            file.execute("UPDATE workspace_workspace SET is_demo = 1, notes = '{\"demo\": {}}'")
            file.commit()
    tree.start()
    try:
        yield tree
    finally:
        tree.end()


def _open_own_workspace(page: Page, tree: Tree) -> None:
    page.goto(tree.url)
    page.fill("[name=login]", "ada@example.com")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/today")
    page.click(".top .chip-demo")
    page.get_by_role("link", name="Start with my own data").click()
    page.get_by_label("Company").fill("Halvorsen")
    page.fill("[name=name]", "Nora Halvorsen")
    page.fill("[name=email]", "nora@halvorsen.example")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Create my workspace").click(timeout=90_000)
    page.get_by_role("button", name="Open Halvorsen").click(timeout=90_000)
    page.wait_for_url("**/today", timeout=60_000)
    expect(page.locator("#checklist")).to_contain_text("Waiting for the first visit")


def _copy_the_snippet(page: Page) -> None:
    """Copy beside the first step puts the whole line on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#copy-snippet")
    expect(page.locator("#copy-snippet")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#own-snippet").inner_text()
    assert copied.startswith('<script async src="http')
    assert 'data-key="' in copied


def _see_the_first_visit(page: Page, visit: Callable[[], None]) -> None:
    """The first step turns green on a screen that nobody touches."""
    page.goto(urljoin(page.url, "/today?steps=open"))
    page.evaluate("window.opened = 'before the visit'")
    expect(page.locator("[data-step=visit]")).to_contain_text("Waiting for the first visit")
    visit()
    expect(page.locator("[data-step=visit]")).to_have_class("done", timeout=30_000)
    expect(page.locator(".queue")).to_contain_text("Grace Lindqvist", timeout=30_000)
    assert page.evaluate("window.opened") == "before the visit"


def _copy_the_form(page: Page, site: Path) -> None:
    """The code that Capture offers, in a static page."""
    page.locator(".rail").get_by_role("link", name="Capture").click()
    page.locator("summary", has_text="Book a demo").click()
    code = page.locator("#code-demo").inner_text()
    site.mkdir()
    (site / "index.html").write_text(f"<!doctype html><title>Halvorsen</title>{code}")


def _ask(browser: Browser, address: str, *, name: str, email: str) -> None:
    page = browser.new_context().new_page()
    page.goto(address)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Work e-mail").fill(email)
    page.get_by_label("Company", exact=True).fill("Lindqvist Shipping")
    page.get_by_role("button").click()
    expect(page.locator("h1")).to_contain_text("we will be in touch")
    page.context.close()


def _invite(page: Page) -> str:
    """The link for a colleague who takes leads; no mail server is needed."""
    page.locator(".rail").get_by_role("link", name="Today").click()
    page.locator("#checklist").get_by_role("link", name="Show the steps").click()
    page.locator("#checklist").get_by_role("link", name="Invite").click()
    page.get_by_role("button", name="Make an invitation").click()
    return page.locator("#invitation-link").inner_text()


def _join(browser: Browser, link: str) -> Page:
    page = browser.new_context().new_page()
    page.goto(link)
    page.get_by_label("Your name").fill("Dora Weiss")
    page.get_by_label("Your e-mail address").fill("dora@halvorsen.example")
    page.get_by_label("Password").fill("a few words in a row")
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/today")
    return page


def _pass_on(page: Page, *, to: str) -> None:
    page.locator(".rail").get_by_role("link", name="Today").click()
    page.locator(".queue li").first.get_by_role("button", name="Pass on").click()
    form = page.locator(".queue form.composer")
    form.get_by_label("To").select_option(label=to)
    form.get_by_role("button", name="Pass on").click()
    expect(page.locator(".toast")).to_contain_text(to)


def _try_out(browser: Browser, tree: Tree, folder: Path) -> None:
    context = browser.new_context(timezone_id="Europe/Oslo", locale="en-GB")
    page = context.new_page()
    _open_own_workspace(page, tree)
    _copy_the_snippet(page)
    _copy_the_form(page, folder / "site")
    with _own_site(folder / "site") as address:
        _see_the_first_visit(
            page,
            lambda: _ask(
                browser, address, name="Grace Lindqvist", email="grace@lindqvist.example.com"
            ),
        )
    dora = _join(browser, _invite(page))
    expect(dora.locator("#today")).to_contain_text("Nobody waits for you")
    _pass_on(page, to="Dora Weiss")
    # Dora has not touched her screen.
    expect(dora.locator(".queue li").first).to_contain_text("Grace Lindqvist", timeout=30_000)
    expect(dora.locator(".queue li").first).to_contain_text("asked for a demo")


def test_a_lead_from_ones_own_site_is_in_the_todays_of_owner_and_colleague(
    browser: Browser, tmp_path: Path
) -> None:
    with _begun(tmp_path) as tree:
        _try_out(browser, tree, tmp_path)
