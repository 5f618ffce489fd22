"""Nothing that a stranger writes runs on any screen: every address of the URLconf is looked at."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.web import attacks, matrix, test_browser, test_browser_ugly
from tests.web import site as sites
from tests.web.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

# Where texts of others come in by a parameter.
ASKED = ("/search?q=alert", "/palette?q=alert", "/leads?q=alert", "/companies?q=alert",
         "/search?q=<script>alert(1)</script>", "/leads?q=<img src=x onerror=alert(1)>",
         "/leads?sort=-created", "/settings/audit?who=<script>alert(1)</script>")  # fmt: skip
# The end of a session, a switch to other people's eyes, and what is not for a browser.
ELSEWHERE = ("api/", "sign-in/", "sign-out", "set-up", "join/", "demo", "welcome", "static")
# The form for a new lead, sent without its script, every field with the same text in it.
SEND = """(text) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/leads/new";
  const kept = document.querySelectorAll("form.new-lead input[type=hidden]");
  const said = {is_confirmed: "1", text, name: text, email: text, company: text, phone: text};
  for (const each of kept) said[each.name] = each.value;
  for (const [name, value] of Object.entries(said)) {
    form.append(Object.assign(document.createElement("textarea"), {name, value}));
  }
  document.body.append(form);
  form.submit();
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("hostile"), "attacks", "spread") as running:
        yield running


@pytest.fixture
def page(browser: Browser, hostile: Site) -> Iterator[Page]:
    """Ada's, which notes what its policy refused and asserts that no dialog was opened."""
    page = sites.enter(browser, hostile, "ada")
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    yield page
    page.context.close()
    assert dialogs == []


def test_no_text_of_a_stranger_runs_on_any_screen(page: Page, hostile: Site) -> None:
    shown = 0
    for path in addresses(hostile):
        answer = page.request.get(hostile.url + path)
        assert answer.status < 500, path
        if not (answer.headers.get("content-type", "").startswith("text/html") and answer.body()):
            continue
        page.goto(hostile.url + path)
        page.wait_for_load_state("load")
        assert page.evaluate("window.refused") == [], path
        assert page.locator("[onerror], [onload], [onclick], [onfocus]").count() == 0, path
        shown += "alert(1)" in page.inner_text("body")
    # Else the texts would have stayed away, and nothing been proved.
    assert shown > 15


def test_a_form_that_comes_back_shows_what_was_typed_as_text(page: Page, hostile: Site) -> None:
    for text in attacks.PAYLOADS[::6]:
        page.goto(hostile.url + "/leads/new")
        page.evaluate(SEND, text)
        expect(page.locator("#new-email[aria-invalid=true]")).to_have_value(text)
        expect(page.locator("#new-name")).to_have_value(text)
        assert page.evaluate("window.refused") == [], text


def test_the_cells_of_an_imported_file_stand_there_as_texts(page: Page, hostile: Site) -> None:
    for number, text in enumerate(attacks.CELLS):
        page.goto(f"{hostile.url}/leads/{_lead_of(hostile, attacks.imported(number))}")
        expect(page.locator("h1")).to_have_text(" ".join(text.split()))
        assert page.evaluate("window.refused") == [], text


def _lead_of(site: Site, email: str) -> UUID:
    with closing(sqlite3.connect(site.data / "leadline.sqlite3", timeout=20)) as file:
        sql = "SELECT lead_id FROM cards_card WHERE email = ?"
        return UUID(file.execute(sql, [email]).fetchone()[0])


def addresses(site: Site) -> list[str]:
    """Every screen there is, filled with rows of strangers, and the lists of screens of others."""
    ids, readable = _ids(site), matrix.written().keys()
    known = [
        route.address(ids)
        for route in matrix.routes()
        if (route.path, "GET") in readable and not route.path.startswith(ELSEWHERE)
    ]
    listed = [*test_browser.SCREENS, *test_browser_ugly.SCREENS]
    assert len(known) > 50
    return list(
        dict.fromkeys([*known, *ASKED, *(each for each in listed if "sign-in" not in each)])
    )


def _ids(site: Site) -> dict[str, object]:
    """Part of an address → a row that a payload is in."""
    with closing(sqlite3.connect(site.data / "leadline.sqlite3", timeout=20)) as file:

        def one(sql: str) -> UUID:
            (found,) = file.execute(sql).fetchone()
            return UUID(str(found))

        lead = UUID(site.evil[0])
        return {
            "lead_id": lead,
            "company_id": one(f"SELECT company_id FROM leads_lead WHERE id = '{lead.hex}'"),
            "task_id": one(f"SELECT id FROM activities_task WHERE lead_id = '{lead.hex}'"),
            "action_id": one("SELECT id FROM flow_bulkaction LIMIT 1"),
            "message_id": one("SELECT id FROM delivery_message LIMIT 1"),
            "person_id": one("SELECT id FROM workspace_user LIMIT 1"),
            "team_id": 1,
            "verb": "note",
            "kind": "task",
            "name": "title",
        }
