"""In which language a request is answered, and that no request leaves its language behind."""

from threading import Barrier, Thread

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from leadline.web import languages
from leadline.workspace.models import User, Workspace
from tests.web.test_people_pages import invited
from tests.world import World


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr-FR,de;q=0.5", "de"), ("en-GB", "en"),
        ("fr", None), ("", None), ("*", None), ("x" * 5_000, None), ("fr," * 11 + "de", None),
    ],
)  # fmt: skip
def test_the_first_language_of_the_browser_that_is_spoken(
    header: str, language: str | None
) -> None:
    assert languages.of_browser(header) == language


@pytest.mark.django_db
def test_who_is_signed_in_reads_their_own_language(world: World) -> None:
    User.objects.filter(pk=world.ada.pk).update(language="de")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(world.ada)
    answer = client.get("/settings/profile")
    assert answer.headers["Content-Language"] == "de"
    assert '<html lang="de"' in answer.content.decode()
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.django_db
def test_who_is_not_is_asked_by_browser_then_workspace(world: World) -> None:
    Workspace.objects.update(language="de")
    said = {
        header: Client(headers={"Accept-Language": header})
        .get("/sign-in/")
        .headers["Content-Language"]
        for header in ("en-US", "de", "fr")
    }
    assert said == {"en-US": "en", "de": "de", "fr": "de"}


@pytest.mark.django_db
def test_programs_get_english_unless_they_ask(world: World) -> None:
    Workspace.objects.update(language="de")
    assert Client().get("/api/v1/leads").headers["Content-Language"] == "en"


@pytest.mark.django_db
def test_a_request_leaves_no_language_behind(world: World) -> None:
    User.objects.filter(pk=world.ada.pk).update(language="de")
    client = Client()
    client.force_login(world.ada)
    client.get("/today")
    assert translation.get_language() == "en"
    request = RequestFactory().get("/")
    request.user = world.ben
    assert languages.reader_of(request).language == "en"


def test_two_threads_speak_two_languages_at_once() -> None:
    """Each waits inside for the other, so both languages hold at the same time."""
    from leadline.workspace import readers, spoken

    both, said = Barrier(2), dict[str, str]()

    def speak(language: str) -> None:
        with readers.speaking_to(readers.in_language(language)):
            both.wait(timeout=10)
            said[language] = spoken.number(12_431)
            both.wait(timeout=10)

    threads = [Thread(target=speak, args=(each,)) for each in ("en", "de")]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=20)
    assert said == {"en": "12,431", "de": "12.431"}


@pytest.mark.django_db
def test_the_profile_offers_each_way_beside_an_example_and_keeps_the_choice(world: World) -> None:
    client = Client()
    client.force_login(world.ben)
    page = client.get("/settings/profile").content.decode()
    assert "12.431,5" in page
    assert "Monday" in page
    chosen = {"language": "de", "date_format": "iso", "time_format": "12", "number_format": ""}
    kept = {"name": "Ben", "time_zone": "UTC"}
    assert client.post("/settings/profile", {**kept, **chosen}).status_code == 302
    ben = User.objects.get(pk=world.ben.pk)
    assert {name: getattr(ben, name) for name in chosen} == chosen
    assert client.get("/settings/profile").headers["Content-Language"] == "de"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad", [{"language": "xx"}, {"language": ""}, {"date_format": "%x"}, {"week_start": "now"}]
)
def test_what_is_not_on_offer_is_not_kept(world: World, bad: dict[str, str]) -> None:
    client = Client()
    client.force_login(world.ben)
    posted = {"name": "Mallory", "time_zone": "UTC", **bad}
    assert client.post("/settings/profile", posted).status_code == 422
    assert User.objects.get(pk=world.ben.pk).name == "Ben"


@pytest.mark.django_db
def test_the_workspace_has_a_language_and_a_fiscal_year(world: World) -> None:
    client = Client()
    client.force_login(world.ada)
    posted = {
        "name": " Acme ",
        "time_zone": "Asia/Tokyo",
        "language": "de",
        "country": "DE",
        "fiscal_year_month": "4",
    }
    assert client.post("/settings/general", posted).status_code == 302
    found = Workspace.objects.get()
    assert (found.name, found.language, found.country) == ("Acme", "de", "DE")
    assert (found.fiscal_year_month, found.time_zone) == (4, "Asia/Tokyo")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad",
    [
        {"name": " "},
        {"time_zone": "Mars/Olympus"},
        {"language": "xx"},
        {"country": "XX"},
        {"fiscal_year_month": "13"},
    ],
)
def test_a_workspace_keeps_what_it_is_when_anything_is_wrong(
    world: World, bad: dict[str, str]
) -> None:
    client = Client()
    client.force_login(world.ada)
    posted = {
        "name": "Other",
        "time_zone": "UTC",
        "language": "de",
        "country": "",
        "fiscal_year_month": "4",
        **bad,
    }
    assert client.post("/settings/general", posted).status_code == 422
    assert Workspace.objects.get().name == "Acme"


@pytest.mark.django_db
def test_who_joins_in_german_reads_german(world: World) -> None:
    ada = Client()
    ada.force_login(world.ada)
    path = invited(ada)
    said = {"name": "Dora", "email": "dora@acme.example", "password": "lange Wörter für Dora 7"}
    answer = Client(headers={"Accept-Language": "de-AT"}).post(path, said)
    assert answer.status_code == 302
    assert User.objects.get(email="dora@acme.example").language == "de"
