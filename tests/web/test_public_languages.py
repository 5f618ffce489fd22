"""How a stranger is answered: in the form's language, else the browser's, else the house's."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.capture.inprocess import Site, opened

HTML = {"Accept": "text/html,application/xhtml+xml"}
GERMAN = {**HTML, "Accept-Language": "de-DE,de;q=0.9"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened(tmp_path) as site:
        yield site


def _write_in(site: Site, language: str) -> None:
    assert site.definitions is not None
    demo = msgspec.structs.replace(site.definitions.forms["demo"], language=language)
    site.definitions.forms["demo"] = demo  # type: ignore[index]  # a dict in this test
    start = msgspec.structs.replace(site.definitions.pages["start"], form=demo)
    site.definitions.pages["start"] = start  # type: ignore[index]  # a dict in this test


@pytest.mark.parametrize("path", ["/f/demo", "/p/start", "/f/demo/thanks"])
@pytest.mark.parametrize(
    ("own", "browser", "spoken"),
    [
        ("", "de-DE,de;q=0.9", "de"),
        ("", "fr,de;q=0.5", "de"),
        ("", "fr", "en"),
        ("", "", "en"),
        ("en", "de", "en"),
        ("de", "en", "de"),
    ],
)
def test_a_page_is_in_the_language_of_its_form_then_the_browsers(
    site: Site, path: str, own: str, browser: str, spoken: str
) -> None:
    _write_in(site, own)
    answer = site.get(path, headers={**HTML, "Accept-Language": browser})
    assert answer.headers["content-language"] == spoken
    assert f'<html lang="{spoken}">' in answer.text
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_wrong_and_the_thanks_are_said_in_german(site: Site) -> None:
    refused = site.post("/f/demo", data={"email": "nobody"}, headers=GERMAN)
    assert refused.status_code == 422
    assert "Bitte prüfen Sie die Adresse." in refused.text
    assert "Vielen Dank" in site.get("/f/demo/thanks", headers=GERMAN).text
    assert "Seite nicht gefunden" in site.get("/f/none", headers=GERMAN).text


def test_a_page_without_a_language_speaks_the_workspaces_where_the_browser_wants_none(
    site: Site,
) -> None:
    assert site.definitions is not None
    site.definitions = msgspec.structs.replace(site.definitions, language="de")
    assert '<html lang="de">' in site.get("/p/start", headers=HTML).text
    french = site.get("/p/start", headers={**HTML, "Accept-Language": "fr"})
    assert '<html lang="de">' in french.text


def test_a_refused_form_on_a_page_answers_in_the_pages_language(site: Site) -> None:
    _write_in(site, "de")
    english = {**HTML, "Accept-Language": "en"}
    assert "Rechtliches" in site.get("/p/start", headers=english).text
    refused = site.post("/f/demo", data={"email": "nobody"}, headers=english)
    assert "Bitte prüfen Sie die Adresse." in refused.text


def test_one_visitors_language_is_not_the_next_ones(site: Site) -> None:
    site.get("/f/demo", headers=GERMAN)
    english = site.post("/f/demo", data={"email": "nobody"}, headers=HTML)
    assert "Please check the address" in english.text
