"""Forms over ASGI: as a browser posts them, as a script posts them, and as an attacker does."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from leadline.capture import forms, inbox, unpack
from leadline.web.public import posted
from tests.capture.inprocess import Site, opened

HTML = {"Accept": "text/html,application/xhtml+xml"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened(tmp_path) as site:
        yield site


def test_a_browser_is_sent_to_the_thank_you_page(site: Site) -> None:
    answer = site.post("/f/demo", data={"email": "ada@example.com"}, headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/f/demo/thanks"
    assert site.get("/f/demo/thanks").status_code == 200
    (row,) = site.rows()
    assert (row.source, row.route, row.is_trusted) == ("form:demo", "form", False)
    (said,) = unpack.unpack([row])
    assert (said.email, said.properties["purpose"]) == ("ada@example.com", "demo")


def test_a_form_can_end_on_an_address_of_its_own(site: Site) -> None:
    assert site.definitions is not None
    form = forms.from_row(
        slug="own",
        name="Own",
        purpose="other",
        fields=[],
        consents=[],
        texts={"redirect": "https://shop.example.com/thanks?x=1"},
    )
    site.definitions.forms["own"] = form  # type: ignore[index]  # a dict in this test
    answer = site.post("/f/own", data={"x": "1"}, headers=HTML)
    assert answer.headers["location"] == "https://shop.example.com/thanks?x=1"
    policy = site.get("/f/own").headers["content-security-policy"]
    assert "form-action 'self' https://shop.example.com" in policy


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "//evil.test", "/\\evil.test", "https://good\\@evil.test", ""]
)
def test_a_redirect_that_is_none_leads_to_the_thank_you_page(site: Site, target: str) -> None:
    assert site.definitions is not None
    form = forms.from_row(
        slug="own", name="Own", purpose="other", fields=[], consents=[], texts={"redirect": target}
    )
    site.definitions.forms["own"] = form  # type: ignore[index]  # a dict in this test
    assert site.post("/f/own", data={"x": "1"}, headers=HTML).headers["location"] == "/f/own/thanks"


def test_a_script_gets_json(site: Site) -> None:
    answer = site.post("/f/demo", json={"email": "ada@example.com"}, headers=JSON)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert answer.headers["access-control-allow-origin"] == "*"
    refused = site.post("/f/demo", data={"email": "ada"}, headers=JSON)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/email"
    assert len(site.rows()) == 1


def test_an_incomplete_form_comes_back_with_what_was_typed(site: Site) -> None:
    answer = site.post(
        "/f/demo",
        data={"email": "ada", "first_name": "A<da", "consent.marketing.email": "on"},
        headers=HTML,
    )
    assert answer.status_code == 422
    page = answer.text
    assert 'value="A&lt;da"' in page
    assert "Please check the address" in page
    assert 'aria-invalid="true" aria-describedby="error-email"' in page
    assert 'name="consent.marketing.email" value="on" checked' in page
    assert 'role="alert"' in page
    assert site.rows() == []


def test_an_incomplete_form_of_a_page_comes_back_on_that_page(site: Site) -> None:
    answer = site.post("/f/demo", data={"_from": "start"}, headers=HTML)
    assert answer.status_code == 422
    assert "Know how deep every lead stands" in answer.text


def hidden(page: str, name: str) -> str:
    before, _, rest = page.partition(f'name="{name}" value="')
    assert before != page
    return rest.partition('"')[0]


def test_fifty_replays_of_one_rendering_are_fifty_answers_and_one_submission(site: Site) -> None:
    token = hidden(site.get("/f/demo").text, forms.RENDERING_FIELD)
    fields = {"email": "ada@example.com", forms.RENDERING_FIELD: token}
    codes = {site.post("/f/demo", data=fields, headers=HTML).status_code for _ in range(50)}
    assert codes == {303}
    assert len({said.message_id for said in unpack.unpack(site.rows())}) == 1


def test_consent_is_stored_with_the_text_that_was_seen(site: Site) -> None:
    fields = {"email": "ada@example.com", "consent.marketing.email": "on"}
    site.post("/f/demo", data=fields)
    site.post("/f/demo", data={"email": "b@example.com", "consent.marketing.email": "null"})
    with_box, without = unpack.unpack(site.rows())
    (claim,) = with_box.consents
    assert (claim.purpose, claim.channel, claim.state) == ("marketing", "email", "granted")
    assert (claim.text, claim.text_version) == ("Send me news by e-mail.", 3)
    assert without.consents == ()


@pytest.mark.parametrize("kind", ["urlencoded", "multipart", "json"])
def test_doubled_and_nested_names_follow_one_rule(site: Site, kind: str) -> None:
    pairs = [
        ("email", "a@example.com"),
        ("email", "b@example.com"),
        ("a[b][c]", "x"),
        ("email[]", "c@example.com"),
    ]
    if kind == "json":
        body = {
            "email": ["a@example.com", "b@example.com"],
            "a[b][c]": "x",
            "email[]": "c@example.com",
        }
        answer = site.post("/f/demo", json=body)
    elif kind == "multipart":
        answer = site.post("/f/demo", files=[(name, (None, value)) for name, value in pairs])
    else:
        content = "&".join(f"{name}={value}" for name, value in pairs)
        answer = site.post(
            "/f/demo",
            content=content,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
    assert answer.status_code in (200, 303)
    (said,) = unpack.unpack(site.rows())
    assert said.email == "a@example.com"
    raw = json.loads(said.raw)["posted"]
    assert raw["email"] == ["a@example.com", "b@example.com"]
    assert raw["email[]"] == ["c@example.com"]
    assert said.traits == {}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"email":{"$ne":1}}', "application/json", 422),
        (b'{"email":"a@b.com","email":"c@d.com"}', "application/json", 400),
        (b'{"email":NaN}', "application/json", 400),
        (b"<email>a@b.com</email>", "application/xml", 415),
        (b'{"email":"a@b.com"}', "text/plain", 415),
        (b"email=a@b.com", "", 415),
        (b"&".join(b"f%d=x" % n for n in range(1_000)), "application/x-www-form-urlencoded", 400),
        (b"email=%FF%00&first_name=x", "application/x-www-form-urlencoded", 422),
        (b"--b\r\ngarbage", "multipart/form-data; boundary=b", 422),
        (b"x", "multipart/form-data", 400),
        (
            b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n' * 5_000 + b"--b--",
            "multipart/form-data; boundary=b",
            400,
        ),
        (b"x" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"email=a@b.com&junk=" + b"x" * 100_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_bad_bodies_are_refused_and_nothing_is_stored(
    site: Site, body: bytes, kind: str, status: int
) -> None:
    headers = {**JSON, **({"Content-Type": kind} if kind else {})}
    answer = site.post("/f/demo", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert site.rows() == []


@pytest.mark.parametrize("field", ["first_name", "message", "email", "company", "phone"])
def test_a_hundred_kilobytes_in_a_field_are_answered_with_its_name(site: Site, field: str) -> None:
    fields = {"email": "a@b.com", field: "x" * 100_000}
    answer = site.post("/f/demo", data=fields, headers=JSON)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{field}"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{1337*7}}${1337*7}<%= 1337*7 %>",
        "'; DROP TABLE inbox; --",
        "javascript:alert(1)",
        "=cmd|' /C calc'!A0",
    ],
)
def test_code_in_a_field_is_text(site: Site, text: str) -> None:
    fields = {"email": "a@b.com", "first_name": text, "unknown<x>": text}
    assert site.post("/f/demo", data=fields, headers=HTML).status_code == 303
    (said,) = unpack.unpack(site.rows())
    assert said.traits["first_name"] == text
    again = site.post("/f/demo", data={**fields, "email": text, "_page": text}, headers=HTML)
    assert again.status_code == 422
    assert "<script>alert" not in again.text
    assert "<img src=x" not in again.text
    assert "9359" not in again.text


def test_a_trap_that_was_filled_is_stored_as_suspected_spam(site: Site) -> None:
    fields = {"email": "a@b.com", forms.HONEYPOT_FIELD: "http://spam.test"}
    assert site.post("/f/demo", data=fields, headers=HTML).status_code == 303
    (said,) = unpack.unpack(site.rows())
    assert said.flag == "suspected_spam"


def test_an_upload_to_a_form_is_read_over_and_not_kept(site: Site) -> None:
    answer = site.post(
        "/f/demo",
        data={"email": "a@b.com"},
        files={"upload": ("../../evil.html", b"<script>" * 100, "text/html")},
        headers=HTML,
    )
    assert answer.status_code == 303
    assert b"<script>" not in site.rows()[0].body


class Broken:
    """A store that cannot store."""

    def append(self, drafts: Sequence[inbox.Draft]) -> None:
        raise inbox.InboxUnavailable("The disk is full.")

    def probe(self) -> None:
        raise inbox.InboxUnavailable("still")

    def tidy(self) -> bool:
        return False

    def close(self) -> None:
        return


def test_what_cannot_be_stored_comes_back_with_what_was_typed(tmp_path: Path) -> None:
    with opened(tmp_path, store=Broken()) as site:
        page = site.post("/f/demo", data={"email": "ada@example.com"}, headers=HTML)
        assert page.status_code == 503
        assert int(page.headers["retry-after"]) > 0
        assert 'value="ada@example.com"' in page.text
        assert "Please send it again" in page.text
        answer = site.post("/f/demo", json={"email": "ada@example.com"})
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("slug", ["none", "draft", "demo/x", "", "../demo", "DEMO"])
def test_a_form_that_is_not_published_is_not_there(site: Site, slug: str) -> None:
    assert site.post(f"/f/{slug}", data={"email": "a@b.com"}).status_code == 404
    assert site.rows() == []


def test_wrong_methods_are_405_and_a_preflight_is_answered(site: Site) -> None:
    assert site.request("DELETE", "/f/demo").status_code == 405
    preflight = site.request("OPTIONS", "/f/demo", headers={"Origin": "https://x.test"})
    assert preflight.status_code == 204
    assert "access-control-allow-credentials" not in preflight.headers


def test_the_limit_of_what_is_read_is_above_what_is_stored() -> None:
    assert posted.MAX_READ_BYTES > 2 * 100_000 > posted.MAX_STORED_BYTES
