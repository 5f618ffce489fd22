"""The snippet in a real browser: what is stored and sent with and without consent."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from leadline.capture import reader, unpack
from leadline.capture.inbox import Row
from leadline.capture.inbox_sqlite import FILE_NAME
from tests.capture import served
from tests.capture.served import BROWSER_KEY, Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only,  # the inbox file is what the tests look into
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served.running(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def rows(server: Server) -> list[Row]:
    with closing(reader.SqliteReader(server.data / FILE_NAME)) as source:
        return source.after(0, 100_000)


def arrived(server: Server, before: int, *, enough: int, page: Page | None = None) -> list[Row]:
    """The rows since `before`, waiting until there are `enough` of them.

    With a page its intercepted requests go on meanwhile.
    """
    for _ in range(100):
        found = rows(server)[before:]
        if len(found) >= enough:
            return found
        if page is None:
            time.sleep(0.05)
        else:
            page.wait_for_timeout(50)
    return rows(server)[before:]


def stored_keys(page: Page) -> list[str]:
    found: list[str] = page.evaluate("Object.keys(localStorage)")
    return found


def quiet(page: Page) -> None:
    """Long enough for a request that should not be made to have arrived."""
    page.wait_for_timeout(400)


def visit(context: BrowserContext, server: Server, path: str, script: str = "") -> Page:
    """Open a page; whatever it reports to the console as an error fails the test."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(server.url + path)
    page.wait_for_function("typeof window.leadline === 'function'")
    if script:
        page.evaluate(script)
    assert problems == []
    return page


def test_without_consent_nothing_is_stored_and_nothing_is_sent(
    context: BrowserContext, server: Server
) -> None:
    before = len(rows(server))
    page = visit(context, server, "/p/start?utm_source=ads", "leadline.track('Clicked')")
    quiet(page)
    assert stored_keys(page) == []
    assert page.evaluate("sessionStorage.length") == 0
    assert context.cookies() == []
    assert rows(server)[before:] == []


def test_consent_starts_a_visit_with_what_happened_before_it(
    context: BrowserContext, server: Server
) -> None:
    before = len(rows(server))
    page = visit(
        context, server, "/p/start?utm_source=ads&gclid=g1", "leadline.consent('individual')"
    )
    first = unpack.unpack(arrived(server, before, enough=2))
    assert {said.name for said in first} == {"Visit Started", "Page Viewed"}
    (visitor,) = {said.anonymous_id for said in first}
    assert visitor is not None
    assert len(visitor) == 32
    assert stored_keys(page) == ["leadline"]
    assert context.cookies() == []
    by_name = {said.name: said for said in first}
    assert by_name["Visit Started"].context["is_arrival"] is True
    assert by_name["Page Viewed"].context["source"] == "ads"
    assert by_name["Page Viewed"].properties["path"] == "/p/start"
    assert not any(said.is_trusted for said in first)

    before = len(rows(server))
    again = visit(context, server, "/f/demo")
    second = unpack.unpack(arrived(server, before, enough=1))
    quiet(again)
    assert [(said.name, said.anonymous_id) for said in second] == [("Page Viewed", visitor)]


def test_withdrawing_forgets_the_visitor(context: BrowserContext, server: Server) -> None:
    before = len(rows(server))
    page = visit(context, server, "/p/start", "leadline.consent('individual')")
    arrived(server, before, enough=2)
    before = len(rows(server))
    page.evaluate("leadline.consent('none'); leadline.track('Clicked')")
    quiet(page)
    assert stored_keys(page) == []
    assert rows(server)[before:] == []


def test_aggregate_counts_the_page_and_no_one(context: BrowserContext, server: Server) -> None:
    before = len(rows(server))
    page = visit(
        context,
        server,
        "/p/start?email=ada@example.com",
        "leadline.consent('aggregate'); leadline.track('Clicked'); leadline.identify('u1')",
    )
    found = arrived(server, before, enough=1)
    quiet(page)
    assert [row.route for row in rows(server)[before:]] == ["count"]
    assert unpack.counted(found)[0].path == "/p/start"
    assert b"ada" not in found[0].body
    assert stored_keys(page) == []


@pytest.mark.parametrize("signal", ["globalPrivacyControl", "doNotTrack"])
def test_a_privacy_signal_turns_individual_into_aggregate(
    context: BrowserContext, server: Server, signal: str
) -> None:
    value = "true" if signal == "globalPrivacyControl" else "'1'"
    context.add_init_script(f"Object.defineProperty(navigator, '{signal}', {{get: () => {value}}})")
    before = len(rows(server))
    page = visit(context, server, "/p/start", "leadline.consent('individual')")
    arrived(server, before, enough=1)
    quiet(page)
    assert [row.route for row in rows(server)[before:]] == ["count"]
    assert stored_keys(page) == []


def test_identify_and_reset_change_who_is_meant(context: BrowserContext, server: Server) -> None:
    before = len(rows(server))
    page = visit(context, server, "/p/start", "leadline.consent('individual')")
    page.evaluate("leadline.identify('u9', {firstName: 'Ada'}); leadline.track('Clicked', {n: 1})")
    known = unpack.unpack(arrived(server, before, enough=4))
    by_name = {said.name: said for said in known}
    assert by_name["Identified"].user_id == "u9"
    assert by_name["Identified"].traits["first_name"] == "Ada"
    assert (by_name["Clicked"].user_id, by_name["Clicked"].properties["n"]) == ("u9", 1)
    before = len(rows(server))
    page.evaluate("leadline.reset(); leadline.track('Clicked')")
    after = unpack.unpack(arrived(server, before, enough=2))
    assert {said.user_id for said in after} == {None}
    assert {said.anonymous_id for said in after}.isdisjoint({said.anonymous_id for said in known})


def test_a_form_takes_the_visitor_along_only_with_consent(
    context: BrowserContext, server: Server
) -> None:
    for consent, is_known in (("none", False), ("individual", True)):
        page = visit(context, server, "/p/start?utm_source=ads", f"leadline.consent('{consent}')")
        quiet(page)
        page.get_by_label("Work e-mail").fill(f"{consent}@example.com")
        page.get_by_role("button", name="Show me").click()
        page.wait_for_url("**/f/demo/thanks")
        (form,) = [
            said
            for said in unpack.unpack(rows(server))
            if said.kind == "form" and said.email == f"{consent}@example.com"
        ]
        assert (form.anonymous_id is not None) is is_known
        assert ("time_zone" in form.traits) is is_known
        assert form.context["source"] == "ads"


def test_a_campaign_replaces_the_last_touch_and_a_visit_by_address_does_not(
    context: BrowserContext, server: Server
) -> None:
    def touches(path: str, *, hours_later: int = 0) -> tuple[str, str]:
        if hours_later:
            page.evaluate(_AGE, hours_later * 3_600_000)
        page.goto(server.url + path)
        page.wait_for_function("typeof window.leadline === 'function'")
        first, last = page.evaluate(_TOUCHES)
        return first.partition("?")[2], last.partition("?")[2]

    page = visit(context, server, "/p/start?utm_campaign=one", "leadline.consent('individual')")
    assert touches("/p/start") == ("utm_campaign=one", "utm_campaign=one")
    # Within the same half hour and after it: whoever comes by another campaign came by that one.
    assert touches("/p/start?utm_campaign=two") == ("utm_campaign=one", "utm_campaign=two")
    three = touches("/p/start?utm_campaign=three", hours_later=2)
    assert three == ("utm_campaign=one", "utm_campaign=three")
    assert touches("/p/start", hours_later=2) == three

    page.get_by_label("Work e-mail").fill("three@example.com")
    page.get_by_role("button", name="Show me").click()
    page.wait_for_url("**/f/demo/thanks")
    (form,) = [each for each in unpack.unpack(rows(server)) if each.email == "three@example.com"]
    assert form.context["campaign"] == "three"


_TOUCHES = """() => {
  const kept = JSON.parse(localStorage.leadline)
  return [kept.first.url, kept.last.url]
}"""
_AGE = """ms => {
  const kept = JSON.parse(localStorage.leadline)
  localStorage.leadline = JSON.stringify({...kept, visit: kept.visit - ms})
}"""


@contextmanager
def their_site(page: str) -> Iterator[str]:
    """Somebody else's site: another origin that serves one page."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            return

    site = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    yield f"http://localhost:{site.server_port}/"
    site.shutdown()
    thread.join()
    site.server_close()


def test_a_queue_from_before_the_snippet_loaded_is_worked_off(
    context: BrowserContext, server: Server
) -> None:
    before = len(rows(server))
    with their_site(
        f"""<script>
        window.leadline = window.leadline || function () {{
          (leadline.q = leadline.q || []).push(arguments) }};
        leadline('init', '{BROWSER_KEY}', {{consent: 'individual', page: false}});
        leadline('track', 'Queued'); leadline('nonsense', 1); leadline('track');
        </script><script src="{server.url}/js/leadline.js"></script>"""
    ) as address:
        page = context.new_page()
        page.goto(address)
        found = unpack.unpack(arrived(server, before, enough=3, page=page))
    assert {said.name for said in found} >= {"Queued", "Visit Started"}


def test_events_survive_a_server_that_is_away_for_a_moment(
    context: BrowserContext, server: Server
) -> None:
    before = len(rows(server))
    page = visit(context, server, "/p/start", "leadline.consent('individual')")
    arrived(server, before, enough=2)
    tries: list[int] = []

    def falter(route: Any) -> None:  # Any: a playwright route
        tries.append(1)
        route.abort() if len(tries) == 1 else route.continue_()

    page.route("**/v1/track", falter)
    before = len(rows(server))
    page.evaluate("leadline.track('Persistent')")
    found = unpack.unpack(arrived(server, before, enough=1, page=page))
    assert [said.name for said in found] == ["Persistent"]
    assert len(tries) == 2


def test_a_page_without_storage_and_without_fetch_keeps_working(
    context: BrowserContext, server: Server
) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }});"
        "window.fetch = undefined"
    )
    page = visit(context, server, "/p/start", "leadline.consent('individual'); leadline.track('x')")
    assert page.evaluate("1 + 1") == 2


def test_the_page_works_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/p/start?utm_source=paper")
    page.get_by_label("Work e-mail").fill("silent@example.com")
    page.get_by_label("Send me news by e-mail.").check()
    page.get_by_role("button", name="Show me").click()
    page.wait_for_url("**/f/demo/thanks")
    assert page.get_by_role("heading", name="Thank you").is_visible()
    (form,) = [s for s in unpack.unpack(rows(server)) if s.email == "silent@example.com"]
    assert form.context["source"] == "paper"
    assert len(form.consents) == 1
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
def test_a_page_fits_its_screen(
    browser: Browser, server: Server, scheme: Any, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    for path in ("/p/start", "/f/demo", "/f/demo/thanks", "/p/none"):
        page.goto(server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (
            page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgba(0, 0, 0, 0)"
        )
    context.close()
