"""What a person with a German screen is told, as whole sentences."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import allauth
import pytest
from babel.messages import pofile
from django.test import Client
from django.utils import translation

from leadline.flow import intake
from leadline.lib import clock
from leadline.lib.folder_move import Answer
from leadline.privacy.claims import ConsentClaim
from leadline.web import allauth_words, demo_own
from leadline.workspace import audit
from leadline.workspace.audit import Act, Change, Value
from leadline.workspace.models import User, Workspace
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
INFORMAL = re.compile(r"\b(?:[Dd]u|[Dd]ein\w*|[Dd]ir|[Dd]ich)\b")
NOT_THEIRS = ("Security key added.", "Security key removed.")  # not in their German at all


@pytest.fixture
def ada(world: World, enter: Enter) -> Client:
    User.objects.filter(pk=world.ada.pk).update(language="de")
    return enter(world.ada)


@pytest.fixture
def ben(world: World, enter: Enter) -> Client:
    User.objects.filter(pk=world.ben.pk).update(language="de")
    return enter(world.ben)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("email", "grace", "Das ist keine E-Mail-Adresse: das @ fehlt."),
        (
            "phone",
            "+49 1",
            "Das ist keine Telefonnummer: „+49 1“ hat für das Land die falsche Länge.",
        ),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field(
    ben: Client, lead_id: UUID, name: str, value: str, said: str
) -> None:
    fields = {"value": value, "seen": json.dumps(None)}
    answer = ben.post(f"/leads/{lead_id}/edit/{name}", fields, headers=HTMX)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_new_lead_is_refused_with_a_reason_for_each_field(ben: Client) -> None:
    fields = {"key": str(uuid4()), "email": "jane@acme", "phone": "12345678"}
    text = ben.post("/leads/new", {**fields, "is_confirmed": "1"}).content.decode()
    assert "Das ist keine E-Mail-Adresse: die Domain „acme“ hat keinen Punkt." in text
    assert "Das ist keine Telefonnummer: bitte mit Landesvorwahl schreiben" in text


def test_a_wrong_address_of_a_colleague_is_refused(ada: Client) -> None:
    text = ada.post("/settings/people/invite", {"role": "rep", "email": "-x@acme.de"}).content
    assert "Das ist keine E-Mail-Adresse: sie beginnt mit einem Bindestrich." in text.decode()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"day": ""}, "Schreiben Sie einen Tag, zum Beispiel „Di 15 Uhr“"),
        (
            {"rate": "0"},
            "Nichts wurde gespeichert: 0 ist kein Kurs: bitte eine Zahl über 0 schreiben.",
        ),
        (
            {"currency": "dollar"},
            "Nichts wurde gespeichert: „DOLLAR“ ist keine Währung: bitte drei Buchstaben "
            "schreiben, etwa USD.",
        ),
    ],
)
def test_a_rate_is_refused(ada: Client, said: dict[str, str], why: str) -> None:
    posted = {"act": "add", "day": "2026-03-10", "currency": "usd", "rate": "1.05", **said}
    assert why in ada.post("/settings/currencies", posted).content.decode()


def test_working_hours_are_refused_with_their_day(ada: Client) -> None:
    form = {"time_zone": "Europe/Berlin", "mon-0-from": "17:00", "mon-0-to": "09:00"}
    text = ada.post("/settings/hours", {**form, "holidays": ""}).content.decode()
    assert "Montag: 17:00 liegt nicht vor 09:00; eine Nachtschicht endet um 24:00." in text


def test_a_task_without_words_is_refused(ben: Client, lead_id: UUID) -> None:
    fields = {"text": " ", "due": "morgen", "key": str(uuid4())}
    text = ben.post(f"/leads/{lead_id}/tasks", fields, headers=HTMX).content.decode()
    assert "Eine Aufgabe sagt, was zu tun ist." in text


@pytest.mark.parametrize(
    ("act", "before", "after", "told"),
    [
        ("signed_in", {}, {"how": "password, totp"}, "Wie: <bdi>Passwort, Authenticator-App</bdi>"),
        ("password.changed", {}, {"how": "by a link"}, "Wie: <bdi>über einen Link</bdi>"),
        ("factor.added", {}, {"how": "passkey"}, "Wie: <bdi>Passkey</bdi>"),
        (
            "person.changed",
            {"role": "rep"},
            {"role": "manager"},
            "Rolle: <bdi>Vertrieb</bdi> → <bdi>Leitung</bdi>",
        ),
        (
            "key.made",
            {},
            {"scopes": "leads:read, ingest"},
            "Darf: <bdi>Leads lesen, Einsendungen schicken</bdi>",
        ),
        ("sending.resumed", {}, {"old": "skip"}, "Alte Nachrichten: <bdi>übergangen</bdi>"),
        ("field.added", {}, {"type": "long_text"}, "Art: <bdi>Langer Text</bdi>"),
        ("view.shared", {}, {"reach": "team"}, "Wer sie hat: <bdi>Mein Team</bdi>"),
        (
            "hours.changed",
            {},
            {"hours": "mon 09:00–12:00, 13:00–17:00; fri 09:00–12:00"},
            "<bdi>Montag 09:00–12:00, 13:00–17:00; Freitag 09:00–12:00</bdi>",
        ),
        ("hours.changed", {}, {"holidays": "2026-12-25"}, "<bdi>25. Dez. 2026</bdi>"),
        ("demo.traffic_changed", {}, {"is_running": True}, "Läuft: <bdi>ja</bdi>"),
        ("leads.deleted", {}, {"n": 1200}, "Leads: <bdi>1.200</bdi>"),
        ("person.deactivated", {}, {"tasks": None}, "Aufgaben gehen an: <bdi>niemand</bdi>"),
        (
            "workspace.changed",
            {"fiscal_year_month": "1"},
            {"fiscal_year_month": "4"},
            "<bdi>Januar</bdi> → <bdi>April</bdi>",
        ),
    ],
)
def test_the_audit_is_told_in_german(
    world: World,
    ada: Client,
    act: Act,
    before: dict[str, Value],
    after: dict[str, Value],
    told: str,
) -> None:
    change = Change(act, "person", world.ben.pk, "Ben", before, after)
    audit.record(change, by=audit.COMMAND_LINE, now=clock.now())
    text = ada.get("/settings/audit").content.decode()
    assert told in text
    assert "Befehlszeile" in text


def test_a_permission_is_told_in_german(world: World, ada: Client) -> None:
    at = clock.now() - timedelta(minutes=2)
    claims = (
        ConsentClaim("marketing", "email", "granted"),
        ConsentClaim("loyalty_club", "phone", "denied"),
    )
    post = worlds.form("newsletter", email="ida@acme.example", at=at, consents=claims)
    lead_id = intake.run([post], now=at).lead_ids[0]
    text = ada.get(f"/leads/{lead_id}").content.decode()
    assert "Marketing · E-Mail · nicht bestätigt" in text
    assert "Loyalty club · Telefon · nein" in text
    assert "Einwilligung zu Marketing per E-Mail gegeben" in text


@pytest.mark.parametrize(
    ("chosen", "understood"),
    [
        ("slashes", "03/04/2"),  # the third of April, some year of this century
        ("month_first", "03/04/2"),  # the fourth of March
        ("dots", "Erst Tag oder erst Monat?"),
        ("", "Erst Tag oder erst Monat?"),
    ],
)
def test_who_writes_dates_with_slashes_is_asked_no_more(
    world: World, ben: Client, chosen: str, understood: str
) -> None:
    User.objects.filter(pk=world.ben.pk).update(date_format=chosen)
    text = ben.get(f"/tasks/due?{urlencode({'due': '3/4'})}", headers=HTMX).content.decode()
    assert understood in text


def test_a_workspace_that_could_not_be_made_says_where_to_look(
    world: World, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.objects.update(is_demo=True)
    failed = Answer("", problem="[Errno 28] No space left on device")
    monkeypatch.setattr(demo_own, "_wished", lambda wish: failed)
    monkeypatch.setattr(demo_own, "why_not", lambda: "")
    form = {
        "workspace_name": "Nord", "email": "ida@nord.example", "password": "ein paar Wörter hier",
        "time_zone": "Europe/Berlin", "country": "DE", "currency": "EUR", "language": "de",
        "playbook": "b2b-saas",
    }  # fmt: skip
    text = ada.post("/demo/own", form).content.decode()
    assert "Der neue Arbeitsbereich konnte nicht angelegt werden" in text
    assert "Errno" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/password/reset/",
        "/sign-in/password/reset/done/",
        "/sign-in/password/change/",
        "/sign-in/reauthenticate/",
        "/sign-in/two-factor/",
        "/sign-in/two-factor/webauthn/",
        "/sign-out",
    ],
)
def test_the_pages_of_allauth_address_people_as_ours_do(
    world: World, enter: Enter, path: str
) -> None:
    client = Client(headers={"Accept-Language": "de"})
    if "reset" not in path:
        world.ada.language = "de"
        world.ada.set_password("a few words in a row")
        world.ada.save()
        client = enter(world.ada)
    answer = client.get(path)
    assert answer.status_code == 200
    assert INFORMAL.findall(answer.content.decode()) == []


@pytest.mark.parametrize("text", allauth_words.TEXTS)
def test_what_is_said_otherwise_is_a_text_of_allauth(text: str) -> None:
    """Else allauth has changed it, and says it in its own way again."""
    folder = Path(allauth.__file__).parent / "locale" / "de" / "LC_MESSAGES"
    with (folder / "django.po").open("rb") as file:
        theirs = {each.id for each in pofile.read_po(file)}
    with translation.override("de"):
        assert INFORMAL.findall(translation.gettext(text)) == []
    assert text in theirs or text in NOT_THEIRS
