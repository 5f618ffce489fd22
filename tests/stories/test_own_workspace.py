"""From the demo to one's own, in a browser: an empty workspace, signed in as its owner."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.worker import tree as trees
from tests.worker.tree import Tree

# A demo on PostgreSQL has one database and says so instead (tests/web/test_demo.py).
pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PASSWORD = "correct horse battery"


def _become_a_demo(data: Path) -> None:
    with closing(sqlite3.connect(data / "leadline.sqlite3", timeout=20)) as file:
        file.execute(
            'UPDATE workspace_workspace SET is_demo = 1, notes = \'{"demo": {"deals": 8800}}\''
        )
        file.execute("UPDATE workspace_user SET name = 'Somebody of the demo'")
        file.commit()


def _sign_in(page: Page, tree: Tree, email: str, password: str) -> None:
    page.goto(f"{tree.url}/sign-in/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/today")


def _rows(data: Path, table: str) -> int:
    with closing(sqlite3.connect(data / "leadline.sqlite3", timeout=20)) as file:
        return int(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_an_own_workspace_begins_empty_and_its_owner_is_signed_in(
    browser: Browser, tmp_path: Path
) -> None:
    with trees.served(tmp_path / "data") as tree:
        _become_a_demo(tree.data)
        context = browser.new_context(timezone_id="Europe/Zurich", locale="de-CH")
        page = context.new_page()
        _sign_in(page, tree, tree.keys["owner"], PASSWORD)
        page.click(".top .chip-demo")
        page.click("a.button.primary:has-text('Start with my own data')")
        expect(page.locator("[name=time_zone]")).to_have_value("Europe/Zurich")
        expect(page.locator("[name=currency]")).to_have_value("CHF")
        page.fill("[name=workspace_name]", "Halvorsen")
        page.fill("[name=name]", "Nora Halvorsen")
        page.fill("[name=email]", "nora@halvorsen.example")
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary:has-text('Create my workspace')", timeout=90_000)
        page.click("button:has-text('Open Halvorsen')", timeout=90_000)
        page.wait_for_url("**/today", timeout=60_000)
        expect(page.locator(".rail")).to_contain_text("Halvorsen")
        assert page.locator(".chip-demo").count() == 0

        own = tmp_path / "own"
        of_the_demo = _rows(tree.data, "leads_lead")  # its made-up people had begun to come
        assert _rows(own, "workspace_user") == 1
        assert _rows(own, "leads_lead") == _rows(own, "deals_deal") == 0
        assert _rows(own, "capture_form") > 0
        assert PASSWORD.encode() not in b"".join(
            each.read_bytes() for each in own.iterdir() if each.is_file()
        )
        assert (own / "secret_key").read_text() != (tree.data / "secret_key").read_text()
        assert not (own / "opening.json").exists()
        with closing(sqlite3.connect(own / "leadline.sqlite3", timeout=20)) as file:
            said = file.execute("SELECT name, time_zone, currency FROM workspace_workspace")
            assert said.fetchone() == ("Halvorsen", "Europe/Zurich", "CHF")
        # The demo is as it was, and nobody of it can sign in here.
        assert _rows(tree.data, "workspace_user") >= 1
        stranger = browser.new_context().new_page()
        stranger.goto(f"{tree.url}/sign-in/")
        stranger.fill("[name=login]", tree.keys["owner"])
        stranger.fill("[name=password]", PASSWORD)
        stranger.press("[name=password]", "Enter")
        expect(stranger.locator("body")).to_contain_text("not correct")
        # What arrives now arrives here.
        stranger.goto(f"{tree.url}/p/demo")
        stranger.fill("[name=name]", "Jonas Weber")
        stranger.fill("[name=email]", "jonas@weber.example.com")
        stranger.fill("[name='company.name']", "Weber")
        stranger.fill("[name=title]", "Managing Director")
        stranger.wait_for_timeout(2500)  # nobody fills in a form within two seconds
        stranger.click("form button")
        # The owner's browser spoke German, so the workspace and its forms do.
        expect(stranger.locator("h1")).to_contain_text("wir melden uns")
        trees.until(lambda: _rows(own, "leads_lead") == 1, what="the first lead")
        assert _rows(tree.data, "leads_lead") == of_the_demo
