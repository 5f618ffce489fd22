"""Settings, capture, scoring, and the pages for what went wrong."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from leadline.capture.models import Parked
from leadline.delivery import outbox, senders
from leadline.delivery.models import Message, Sender
from leadline.lib import clock
from leadline.routing import notifications
from leadline.routing.notifications import Notice
from leadline.web import today
from leadline.workspace import keys
from leadline.workspace.models import User, Workspace, WriteKey
from tests.world import World

Enter = Callable[[User], Client]


@pytest.mark.django_db
def test_the_outbox_shows_a_mail_as_plain_text(world: World, enter: Enter) -> None:
    draft = outbox.Draft(
        kind=Message.Kind.TEST, cause="t:1", to_address="ada@acme.example", subject="Hello",
        text="<script>alert(1)</script>\nsecond line", due_at=clock.now(),
    )  # fmt: skip
    outbox.put([draft], now=clock.now())
    client = enter(world.ada)
    assert b"Hello" in client.get("/settings/outbox").content
    page = client.get(f"/settings/outbox/{Message.objects.get().pk}").content
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;\nsecond line" in page
    assert b"Hello" not in client.get("/settings/outbox?state=failed").content
    assert client.get("/settings/outbox?before=nonsense&state=nonsense").status_code == 200


@pytest.mark.django_db
def test_a_parked_row_is_shown_whole_and_stays_when_it_fails_again(
    world: World, enter: Enter
) -> None:
    meta = {"route": "track", "is_trusted": True, "is_history": False, "meta": "not json"}
    row = Parked.objects.create(
        source="key:1", received_at=clock.now(), body=b"\xff{<b>not json", meta=json.dumps(meta),
        error="it is not JSON", tries=5, parked_at=clock.now(),
    )  # fmt: skip
    client = enter(world.ada)
    text = client.get("/settings/parked").content.decode()
    assert "{&lt;b&gt;not json" in text
    assert "it is not JSON" in text
    answer = client.post(f"/settings/parked/{row.pk}/retry")
    assert answer["Location"] == f"/settings/parked?failed={row.pk}"
    assert Parked.objects.get().state == Parked.State.PARKED
    assert client.post("/settings/parked/999/retry").status_code == 404


@pytest.mark.django_db
def test_secret_keys_are_never_shown(world: World, enter: Enter) -> None:
    _key, secret = keys.make_api(world.ada, name="Script", scopes=["leads:read"], now=clock.now())
    WriteKey.objects.create(name="Site", kind="browser", secret_hash="a" * 64,
                            public_text="lk_browser_1", created_at=clock.now())  # fmt: skip
    WriteKey.objects.create(name="Shop", kind="server", secret_hash="b" * 64,
                            created_at=clock.now())  # fmt: skip
    text = enter(world.ada).get("/settings/keys").content.decode()
    assert "lk_browser_1" in text
    for hidden in (secret, "a" * 64, "b" * 64):
        assert hidden not in text


@pytest.mark.django_db
def test_nothing_is_acknowledged_before_a_person_has_approved_the_words(
    world: World, enter: Enter
) -> None:
    client = enter(world.ada)
    assert not senders.may_acknowledge(senders.current())
    client.post("/settings/sending", {"act": "address", "from_address": "hello@acme.example"})
    refused = client.post(
        "/settings/sending", {"act": "approve", "subject": "a", "text": "Hi {first_name}"}
    )
    assert refused.status_code == 422
    client.post("/settings/sending", {"act": "test"})
    assert Message.objects.get(kind="test").to_address == world.ada.email
    client.post("/settings/sending", {"act": "approve", "subject": "Hi", "text": "Back {when}."})
    sender = Sender.objects.get()
    assert sender.acknowledgement_approved_at is not None
    assert not senders.may_acknowledge(sender)  # the test has not arrived yet


@pytest.mark.django_db
def test_the_models_read_as_sentences(world: World, enter: Enter) -> None:
    text = enter(world.ben).get("/scoring").content.decode()
    for said in (
        "Visited a page whose path starts with /pricing", "at most 45",
        "half as much after 30 days", "Seniority is C-level",
        "MQL from 50 points", "In force", "Simple behaviour",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.django_db
def test_forms_are_listed_with_what_they_are_for(world: World, enter: Enter) -> None:
    text = enter(world.ada).get("/capture").content.decode()
    assert 'href="/f/demo"' in text
    assert "Demo request" in text


@pytest.mark.django_db
def test_the_demo_page_is_there_only_in_a_demo(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    assert client.get("/demo").status_code == 404
    assert b'href="/demo"' not in client.get("/today").content
    Workspace.objects.update(is_demo=True)
    assert b"Made up" in client.get("/demo").content
    assert b'href="/demo"' in client.get("/today").content


@pytest.mark.django_db
def test_the_profile_takes_a_zone_that_exists(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    bad = client.post("/settings/profile", {"name": "Ben", "time_zone": "../../etc/passwd"})
    assert bad.status_code == 422
    good = client.post("/settings/profile", {"name": " Ben C. ", "time_zone": "Asia/Kathmandu"})
    assert good.status_code == 302
    world.ben.refresh_from_db()
    assert (world.ben.name, world.ben.time_zone) == ("Ben C.", "Asia/Kathmandu")


@pytest.mark.django_db
def test_the_chosen_looks_hold_on_the_next_page(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    client.post("/settings/appearance", {"theme": "dark", "next": "/today"})
    assert b'data-theme="dark"' in client.get("/today").content
    client.post("/settings/appearance", {"theme": '"><script>'})
    assert b'data-theme="dark"' in client.get("/today").content


@pytest.mark.django_db
def test_ones_own_notifications_are_shown_and_marked_as_read(world: World, enter: Enter) -> None:
    notifications.tell(
        [Notice(world.ben.pk, None, "assigned", "<b>Grace</b> asked for a demo"),
         Notice(world.cleo.pk, None, "assigned", "for Cleo alone")],
        now=clock.now(),
    )  # fmt: skip
    client = enter(world.ben)
    text = client.get("/notices").content.decode()
    assert "&lt;b&gt;Grace&lt;/b&gt; asked for a demo" in text
    assert "for Cleo alone" not in text
    assert "1 new notification" in text
    assert (
        b"0 new notifications"
        in client.post("/notices/read", headers={"HX-Request": "true"}).content
    )
    assert b"1 new notification" in enter(world.cleo).get("/notices").content


@pytest.mark.django_db
def test_an_error_shows_a_sentence_and_no_trace(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter(world.ben)
    client.raise_request_exception = False

    def broken(*_args: object, **_named: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(today.cards, "today", broken)
    answer = client.get("/today")
    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content
    assert b"secret" not in answer.content
    assert b"Traceback" not in answer.content
    missing = client.get("/no/such/page")
    assert missing.status_code == 404
    assert b"Nothing here" in missing.content


@pytest.mark.django_db
def test_signing_in_says_the_same_for_a_wrong_password_and_an_unknown_address(
    world: World, client: Client
) -> None:
    world.ben.set_password("correct horse battery")
    world.ben.save()
    answers = [
        client.post("/sign-in/", {"login": login, "password": "wrong"}).content.decode()
        for login in ("ben@acme.example", "nobody@acme.example")
    ]
    texts = [answer.split("<h1>")[1].replace("nobody@", "ben@") for answer in answers]
    assert _without_token(texts[0]) == _without_token(texts[1])
    good = client.post(
        "/sign-in/", {"login": "ben@acme.example", "password": "correct horse battery"}
    )
    assert good["Location"] == "/today"


@pytest.mark.django_db
def test_nobody_can_sign_up(world: World, client: Client) -> None:
    answer = client.post(
        "/sign-in/signup/",
        {"email": "eve@evil.example", "password1": "correct horse", "password2": "correct horse"},
    )
    assert answer.status_code == 404
    assert not User.objects.filter(email="eve@evil.example").exists()


@pytest.mark.django_db
def test_a_password_reset_is_queued_with_a_link_from_the_configured_address(
    world: World, client: Client, enter: Enter
) -> None:
    """The words are for the receiver alone: who may read the outbox may not take an account."""
    world.ben.set_password("correct horse battery")
    world.ben.save()
    reset = {"email": world.ben.email}
    forged = client.post("/sign-in/password/reset/", reset, headers={"Host": "evil.example"})
    assert (forged.status_code, Message.objects.count()) == (421, 0)
    for address in (world.ben.email, "nobody@acme.example"):
        answer = client.post(
            "/sign-in/password/reset/",
            {"email": address},
            headers={"X-Forwarded-Host": "evil.example"},
        )
        assert answer["Location"] == "/sign-in/password/reset/done/"
    mail = Message.objects.get(to_address=world.ben.email)
    assert "evil.example" not in mail.text + mail.subject
    link = mail.text.split("http://127.0.0.1:8000")[1].split()[0]
    assert link.startswith("/sign-in/password/reset/key/")
    page = enter(world.ada).get(f"/settings/outbox/{mail.pk}").content.decode()
    assert link not in page
    form = client.get(link, follow=True)
    assert b"Change Password" in form.content


def _without_token(text: str) -> str:
    return "".join(part.split('"', 1)[1] for part in text.split('csrfmiddlewaretoken" value="')[1:])
