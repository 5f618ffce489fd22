"""Public pages: complete without JavaScript, small, and closed by their headers."""

import gzip
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from leadline.capture import definitions, unpack
from leadline.capture.definitions import Page
from tests.capture.inprocess import Site, opened

ASSETS = Path(__file__).parents[2] / "leadline" / "web"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened(tmp_path) as site:
        yield site


class Outline(HTMLParser):
    """Tags with their attributes, ids, and which inputs have a label."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("path", ["/p/start", "/f/demo", "/f/demo/thanks"])
def test_a_page_runs_nothing_inline_and_loads_nothing_from_elsewhere(site: Site, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    outline = Outline(answer.text)
    assert outline.of("style") == []
    assert all("style" not in attributes for _, attributes in outline.tags)
    assert not any(name.startswith("on") for _, a in outline.tags for name in a)
    sources = [
        a.get("src") or a.get("href") or "" for a in outline.of("script") + outline.of("link")
    ]
    assert all(source.startswith(("/js/", "/static/", "data:,")) for source in sources)


def test_a_page_with_all_it_needs_is_under_fifty_kilobytes(site: Site) -> None:
    page = len(site.get("/p/start").content)
    style = (ASSETS / "static" / "public.css").stat().st_size
    snippet = len(site.get("/js/leadline.js").content)
    assert page + style + snippet < 50_000


def test_every_question_has_a_label_and_tells_the_browser_what_to_fill_in(site: Site) -> None:
    outline = Outline(site.get("/p/start").text)
    labelled = {attributes.get("for") for attributes in outline.of("label")}
    asked = [
        a
        for a in outline.of("input") + outline.of("select") + outline.of("textarea")
        if a.get("type") not in ("hidden", "checkbox") and a.get("tabindex") != "-1"
    ]
    assert len(asked) == 6
    assert {a["id"] for a in asked} <= labelled
    by_name = {a["name"]: a for a in asked}
    assert by_name["email"]["type"] == "email"
    assert by_name["email"]["autocomplete"] == "email"
    assert "required" in by_name["email"]
    assert "required" not in by_name["phone"]
    (form,) = outline.of("form")
    assert (form["method"], form["action"]) == ("post", "/f/demo")
    (box,) = [a for a in outline.of("input") if a.get("name") == "consent.marketing.email"]
    assert "checked" not in box


def test_the_page_remembers_where_the_visitor_came_from_without_javascript(site: Site) -> None:
    page = site.get(
        "/p/start?utm_source=News&gclid=g1", headers={"Referer": "https://www.google.com/"}
    ).text
    fields = {
        str(a["name"]): str(a.get("value") or "")
        for a in Outline(page).of("input")
        if a.get("type") == "hidden"
    }
    site.post("/f/demo", data={**fields, "email": "ada@example.com"})
    (said,) = unpack.unpack(site.rows())
    assert said.context["source"] == "news"
    assert said.context["click_id"] == "g1"
    assert said.context["referrer_host"] == "www.google.com"
    assert said.properties["page"] == "/p/start"


def test_two_visitors_get_two_tokens(site: Site) -> None:
    assert site.get("/f/demo").text != site.get("/f/demo").text


def test_all_blocks_are_shown_as_text(site: Site) -> None:
    assert site.definitions is not None
    evil = "<script>alert(1)</script>"
    blocks: tuple[dict[str, object], ...] = (
        {"block": "headline", "title": evil, "text": evil, "eyebrow": evil},
        {"block": "value", "title": evil, "points": [{"title": evil, "text": evil}]},
        {"block": "logos", "title": evil, "names": [evil]},
        {"block": "testimonial", "quote": evil, "name": evil, "role": evil},
        {"block": "faq", "title": evil, "questions": [{"question": evil, "answer": evil}]},
        {"block": "footer", "text": evil, "links": [{"label": evil, "url": "javascript:alert(1)"}]},
        {"block": "unknown"},
    )
    form = site.definitions.forms["demo"]
    site.definitions.pages["evil"] = Page("evil", evil, evil, form, blocks)  # type: ignore[index]
    answer = site.get("/p/evil")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "javascript:" not in answer.text
    assert answer.text.count("&lt;script&gt;") >= 15


@pytest.mark.parametrize("path", ["/p/none", "/p/", "/p/start/x", "/f/none/thanks", "/p/%2e%2e"])
def test_what_is_not_published_is_a_neutral_404(site: Site, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    assert "no longer published" in answer.text


def test_reading_a_page_changes_nothing(site: Site) -> None:
    for method in ("GET", "HEAD"):
        for path in ("/p/start", "/f/demo", "/f/demo/thanks", "/js/leadline.js"):
            site.request(method, path, headers={"Sec-Purpose": "prefetch"})
    assert site.rows() == []
    assert site.writer.commit_count == 0


def test_without_definitions_a_page_is_unavailable(site: Site) -> None:
    site.definitions = None
    answer = site.get("/p/start")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    site.definitions = definitions.Definitions()
    assert site.get("/p/start").status_code == 404


def test_the_snippet_is_small_and_cached(site: Site) -> None:
    answer = site.get("/js/leadline.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content, 9)) < 4_096
    again = site.get("/js/leadline.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age" in answer.headers["cache-control"]
    assert site.get("/js/other.js").status_code == 404
    assert site.post("/js/leadline.js").status_code == 405
