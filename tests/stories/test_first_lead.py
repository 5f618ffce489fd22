"""The main job as people live it: a stranger asks, and within a moment a rep knows who and why."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.worker import tree as trees
from tests.worker.tree import Tree

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


def _ask_for_a_demo(browser: Browser, tree: Tree, *, name: str, email: str) -> None:
    """A visitor with a browser of their own."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{tree.url}/p/demo?utm_source=google&utm_medium=cpc&utm_campaign=spring")
    page.fill("[name=name]", name)
    page.fill("[name=email]", email)
    page.fill("[name='company.name']", "Halvorsen Shipping")
    page.fill("[name=title]", "VP Operations")
    page.wait_for_timeout(2500)  # nobody fills in a form within two seconds
    page.click("form button")
    expect(page.locator("h1")).to_contain_text("we will be in touch")
    context.close()


def _sign_in(browser: Browser, tree: Tree) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{tree.url}/")
    page.fill("[name=login]", tree.keys["owner"])
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/today")
    return page


def test_a_stranger_asks_for_a_demo_and_is_answered(browser: Browser, tmp_path: Path) -> None:
    with trees.served(tmp_path / "data") as tree:
        page = _sign_in(browser, tree)
        expect(page.locator("#today")).to_contain_text("Nobody waits for you")
        page.evaluate("window.isTheSamePage = true")

        _ask_for_a_demo(browser, tree, name="Grace Lindqvist", email="grace@halvorsen.example.com")
        row = page.locator(".queue li").first
        expect(row).to_contain_text("Grace Lindqvist", timeout=10_000)
        assert page.evaluate("window.isTheSamePage") is True
        expect(row).to_contain_text("Hot")
        expect(row).to_contain_text("asked for a demo")
        expect(row.locator("[data-due]")).to_have_text(re.compile(r"\d"))

        row.locator("a.name").click()
        page.wait_for_url("**/leads/*")
        why = page.locator("section.right")
        for said in ("Demo request · 1 × 25", "Seniority", "asked for a demo", "Answer due"):
            expect(why).to_contain_text(said)
        expect(page.locator(".left")).to_contain_text("Paid search · google · spring")
        expect(page.locator("[aria-current=step]")).to_have_text("SQL")

        page.click(".kinds >> text=Call")
        page.fill(".middle .composer textarea", "Spoke for ten minutes, demo on Thursday")
        page.click(".middle .composer button.primary")
        expect(page.locator(".timeline")).to_contain_text("Spoke for ten minutes")
        expect(why).to_contain_text("Answered in time")
        page.goto(f"{tree.url}/today")
        expect(page.locator("details.done")).to_contain_text("Done today (1)")


def test_the_first_person_sets_the_workspace_up_and_it_works(
    browser: Browser, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with trees.started(data, trees.fresh_environment(data)) as tree:
        page = browser.new_context(timezone_id="Europe/Berlin").new_page()
        page.goto(tree.url)
        page.wait_for_url("**/set-up")
        page.fill("[name=workspace_name]", "Halvorsen")
        page.fill("[name=name]", "Ada Lindholm")
        page.fill("[name=email]", "ada@acme.example")
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_url("**/today")
        expect(page.locator(".rail")).to_contain_text("Halvorsen")
        page.goto(f"{tree.url}/settings/profile")
        assert page.input_value("[name=time_zone]") == "Europe/Berlin"
        page.goto(f"{tree.url}/today")
        _ask_for_a_demo(browser, tree, name="Jonas Weber", email="jonas@weber.example.com")
        expect(page.locator(".queue")).to_contain_text("Jonas Weber", timeout=10_000)
