"""The first half hour, step by step, as somebody walks it who has no manual: what they click and
copy is what the screens say. Each step is named and timed; what they add up to is `Walk.told`."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, expect

PASSWORD = "correct horse battery"
PATIENCE_MS = 90_000


@dataclass
class Walk:
    """The steps of one walk in order, with their seconds."""

    steps: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, said: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.steps.append((said, round(time.monotonic() - began, 1)))

    def told(self) -> dict[str, object]:
        """As JSON."""
        total = round(sum(seconds for _said, seconds in self.steps), 1)
        return {"steps": self.steps, "count": len(self.steps), "seconds": total}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The site's own log is nobody's business here."""


@contextmanager
def own_site(folder: Path) -> Iterator[str]:
    """A folder of static pages on an origin of its own, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def to_the_colleagues_today(
    browser: Browser, url: str, folder: Path, *, login: str, password: str, walk: Walk
) -> None:
    """From a demo that runs to a lead in the Today of a colleague; the site is in `folder`."""
    page = browser.new_context(timezone_id="Europe/Oslo", locale="en-GB").new_page()
    with walk.step("Sign in to the demo"):
        _sign_in(page, url, login, password)
    with walk.step("Start with my own data"):
        _open_own_workspace(page)
    with walk.step("Copy the snippet"):
        _copy_the_snippet(page)
    with walk.step("Copy a form into a page of one's own"):
        _copy_the_form(page, folder / "site")
    with own_site(folder / "site") as address, walk.step("Fill in the form there"):
        _see_the_first_visit(
            page,
            lambda: _ask(
                browser, address, name="Grace Lindqvist", email="grace@lindqvist.example.com"
            ),
        )
    with walk.step("Invite a colleague by a link"):
        link = _invite(page)
    with walk.step("Join by the link"):
        dora = _join(browser, link)
    with walk.step("Pass the lead on"):
        _pass_on(page, to="Dora Weiss")
    with walk.step("See it in the colleague's Today"):
        # Dora has not touched her screen.
        expect(dora.locator(".queue li").first).to_contain_text("Grace Lindqvist", timeout=30_000)
        expect(dora.locator(".queue li").first).to_contain_text("asked for a demo")
    for each in (page, dora):
        check_no_entry_is_dead(each)


def check_no_entry_is_dead(page: Page) -> None:
    """Whatever the menus of this person name is there."""
    page.goto(urljoin(page.url, "/settings/profile"))
    named = page.locator("nav a[href^='/'], .top a[href^='/']")
    paths = {link.get_attribute("href") for link in named.all()}
    assert len(paths) > 5
    for path in sorted(filter(None, paths)):
        assert page.request.get(urljoin(page.url, path)).status == 200, path


def _sign_in(page: Page, url: str, login: str, password: str) -> None:
    page.goto(url)
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/today")


def _open_own_workspace(page: Page) -> None:
    page.click(".top .chip-demo")
    page.get_by_role("link", name="Start with my own data").click()
    page.get_by_label("Company").fill("Halvorsen")
    page.fill("[name=name]", "Nora Halvorsen")
    page.fill("[name=email]", "nora@halvorsen.example")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Create my workspace").click(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Open Halvorsen").click(timeout=PATIENCE_MS)
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


def _copy_the_form(page: Page, site: Path) -> None:
    """The code that Capture offers, in a static page."""
    page.locator(".rail").get_by_role("link", name="Capture").click()
    page.locator("summary", has_text="Book a demo").click()
    code = page.locator("#code-demo").inner_text()
    site.mkdir()
    (site / "index.html").write_text(f"<!doctype html><title>Halvorsen</title>{code}")


def _see_the_first_visit(page: Page, visit: Callable[[], None]) -> None:
    """The first step turns green on a screen that nobody touches."""
    page.goto(urljoin(page.url, "/today?steps=open"))
    page.evaluate("window.opened = 'before the visit'")
    expect(page.locator("[data-step=visit]")).to_contain_text("Waiting for the first visit")
    visit()
    expect(page.locator("[data-step=visit]")).to_have_class("done", timeout=30_000)
    expect(page.locator(".queue")).to_contain_text("Grace Lindqvist", timeout=30_000)
    assert page.evaluate("window.opened") == "before the visit"


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
    expect(page.locator("#today")).to_contain_text("Nobody waits for you")
    return page


def _pass_on(page: Page, *, to: str) -> None:
    page.locator(".rail").get_by_role("link", name="Today").click()
    page.locator(".queue li").first.get_by_role("button", name="Pass on").click()
    form = page.locator(".queue form.composer")
    form.get_by_label("To").select_option(label=to)
    form.get_by_role("button", name="Pass on").click()
    expect(page.locator(".toast")).to_contain_text(to)
