"""Whoever sets up the rules tries another number on the demo, sees what it would change, publishes
it, and goes back: every score returns."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.worker import tree as trees
from tests.worker.tree import Tree

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PASSWORD = "correct horse battery"
# Nobody comes in while scores are compared.
_DEMO = """
from leadline.config import environment
environment.prepare_data_folder()
import django
django.setup()
from leadline.lib import clock
from leadline.playbooks import demo
from leadline.playbooks.demo import traffic
demo.build(now=clock.now(), people_count=150)
traffic.pause(True)
"""
_SCORES = "SELECT lead_id, total, fit, engagement FROM scoring_score ORDER BY lead_id"
_BEHIND = """
    SELECT count(*) FROM scoring_score s JOIN cards_card c ON c.lead_id = s.lead_id
    WHERE s.version_id <> (SELECT v.id FROM scoring_scoremodelversion v
      JOIN scoring_scoremodel m ON m.id = v.model_id WHERE m.is_default AND v.state = 'published')
"""
PATIENCE_MS = 60_000


def _sign_in(browser: Browser, tree: Tree) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{tree.url}/")
    page.fill("[name=login]", tree.keys["owner"])
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/today")
    return page


def _all_are_scored(tree: Tree) -> bool:
    return tree.query(_BEHIND) == [(0,)]


def test_another_number_is_tried_on_the_demo_published_and_taken_back(
    browser: Browser, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    environment = trees.copied(data)
    subprocess.run([sys.executable, "-c", _DEMO], env=environment, check=True)
    with trees.started(data, environment, keys=trees.template().keys) as tree:
        page = _sign_in(browser, tree)
        before = tree.query(_SCORES)
        page.goto(f"{tree.url}/scoring")
        today = page.locator(".effect .became")
        expect(today.locator("tbody tr").first).to_be_visible(timeout=PATIENCE_MS)
        page.click("text=Edit a draft")
        effect = page.locator(".effect")
        expect(effect.locator(".became")).to_be_visible(timeout=PATIENCE_MS)
        expect(effect).to_contain_text("Nobody rises over it")

        points = page.locator(".draft-rule", has_text="Pricing page visit").get_by_label("Points")
        points.fill("25")
        points.press("Tab")
        expect(page.locator(".changes")).to_have_text("Pricing page visit: 15 → 25 points")
        rising = effect.locator(".crossing a").first
        expect(rising).to_contain_text("over it", timeout=PATIENCE_MS)
        drafted, published = effect.locator(".range .now"), effect.locator(".range .was")
        assert drafted.count() == published.count() > 0, "both rates of every band are drawn"
        assert page.evaluate("window.scrollX") == 0
        count = int(rising.inner_text().split()[0])
        rising.click()
        expect(page.locator("h1")).to_have_text("Over the line with this draft")
        expect(page.locator(".people-list li")).to_have_count(min(count, 100), timeout=PATIENCE_MS)

        page.go_back()
        page.click("button:has-text('Publish')")
        expect(page.locator("[role=status]").first).to_contain_text("Published.")
        trees.until(lambda: _all_are_scored(tree), what="everybody to be scored anew")
        changed = tree.query(_SCORES)
        assert len(changed) == len(before)
        assert changed != before

        page.click("a:has-text('Version 2')")
        page.locator("#version-1 button:has-text('Go back to this')").click()
        expect(page.locator("[role=status]").first).to_contain_text("Rolled back.")
        trees.until(lambda: _all_are_scored(tree), what="everybody to be scored as before")
        assert tree.query(_SCORES) == before
        page.context.close()
