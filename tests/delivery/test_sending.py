"""What a mail server says decides what becomes of a message, at every point of the dialogue."""

import email
import smtplib
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import transaction
from pytest_django.fixtures import Settings

from leadline.delivery import outbox, outcomes, senders, sending, smtp
from leadline.delivery.models import Message
from leadline.delivery.outcomes import Outcome
from leadline.delivery.sending import TransactionOpen
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.privacy.models import Suppression
from tests.delivery.conftest import Put, Serve
from tests.delivery.mail_server import DROP, SILENT, SLOW

pytestmark = pytest.mark.django_db(transaction=True)


def send_one(now: datetime) -> Outcome | None:
    (claimed,) = sending.claim("w1", limit=8)
    return sending.hand_over(claimed, now=now)


def test_a_message_goes_out_once_with_a_message_id_of_its_own(
    serve: Serve, put: Put, now: datetime
) -> None:
    server, row = serve(), put(kind="acknowledgement", text="We answer on Monday.")
    assert send_one(now) == Outcome("sent")
    assert sending.claim("w1", limit=8) == []
    row.refresh_from_db()
    assert (row.state, row.attempts, row.reason) == ("sent", 1, "")
    assert row.sent_at is not None
    assert server.recipients == ["rcpt TO:<ben@example.com>"]
    (content,) = server.contents
    letter = email.message_from_bytes(content)
    assert letter["Message-ID"] == f"<{row.id.hex}@example.org>"
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["To"] == "ben@example.com"
    assert letter.get_payload().strip() == "We answer on Monday."


# What the server says at each point → what becomes of the message.
ANSWERS = {
    # Before `handing`: about the server, whatever the code.
    "connect": {
        "421 too many connections": "retry",
        "554 no service for you": "retry",
        "ceci n'est pas une réponse": "retry",
        DROP: "retry",
        SILENT: "retry",
    },
    "ehlo": {"500 what": "retry", DROP: "retry"},
    # A definite answer about this message.
    "mail": {"451 later": "retry", "552 sender over quota": "failed", DROP: "retry"},
    "rcpt": {
        "450 greylisted": "retry",
        "451 local error": "retry",
        "452 too much": "retry",
        "421 closing": "retry",
        "550 no such user": "failed",
        "550-no such\n550 user here": "failed",
        "552 mailbox full": "failed",
        "554 not wanted": "failed",
        "nonsense": "retry",
        DROP: "retry",
        SILENT: "retry",
    },
    "data": {
        "451 later": "retry",
        "554 no": "failed",
        "nonsense": "retry",
        DROP: "retry",
        SILENT: "retry",
    },
    # After the content has begun only an answer tells.
    "content": {DROP: "unknown"},
    "body": {
        "451 later": "retry",
        "452 disk full": "retry",
        "421 shutting down": "retry",
        "550 spam": "failed",
        "552 too big": "failed",
        "554-looks like\n554 spam": "failed",
        "nonsense": "unknown",
        "7" * 10_000: "unknown",
        DROP: "unknown",
        SILENT: "unknown",
    },
    # Taken is taken, however the server says goodbye.
    "quit": {DROP: "sent", "500 what": "sent", SILENT: "sent"},
}


@pytest.mark.parametrize("stage", ANSWERS)
def test_each_answer_at_each_point_has_one_consequence(
    serve: Serve, put: Put, now: datetime, stage: str
) -> None:
    server = serve()
    for number, (answer, verdict) in enumerate(ANSWERS[stage].items()):
        server.script, case = {stage: answer}, f"{stage}: {answer[:40]}"
        row, contents = put(f"cause {number}"), len(server.contents)
        outcome = send_one(now)
        assert outcome is not None, case
        assert outcome.verdict == verdict, case
        row.refresh_from_db()
        assert row.state == ("pending" if verdict == "retry" else verdict), case
        assert (row.reason == "") == (verdict == "sent"), case
        assert (row.due_at > now + timedelta(seconds=30)) == (verdict == "retry"), case
        # Nothing is due now: neither a retry before its time nor what is unknown.
        assert sending.claim("w2", limit=8) == [], case
        assert len(server.contents) - contents == (stage in ("body", "quit")), case


@pytest.mark.parametrize(("stage", "verdict"), [("connect", "retry"), ("body", "unknown")])
def test_a_server_that_sends_a_byte_at_a_time_is_cut_off(
    serve: Serve,
    put: Put,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    verdict: str,
) -> None:
    monkeypatch.setattr(smtp, "LIMIT_SECONDS", 0.4)
    serve(**{stage: SLOW})
    put()
    outcome = send_one(now)
    assert outcome is not None
    assert outcome.verdict == verdict


def test_one_bad_recipient_neither_blocks_nor_repeats_the_others(
    serve: Serve, put: Put, now: datetime
) -> None:
    server = serve()
    put("good-1", "ben@example.com")
    bad = put("bad", "nobody@example.com")
    put("good-2", "cleo@example.com")
    for claimed in sending.claim("w1", limit=8):
        server.script = {"rcpt": "550 no such user"} if claimed.id == bad.id else {}
        sending.hand_over(claimed, now=now)
    states = dict(Message.objects.values_list("cause", "state"))
    assert states == {"good-1": "sent", "bad": "failed", "good-2": "sent"}
    assert len(server.contents) == 2


def test_a_server_that_is_not_there_is_tried_again(put: Put, now: datetime, serve: Serve) -> None:
    serve()
    row = put()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.EMAIL_PORT", 1)
        outcome = send_one(now)
    assert outcome is not None
    assert outcome.verdict == "retry"
    row.refresh_from_db()
    assert "refused" in row.reason


def certificate(folder: Path, *, is_expired: bool) -> ssl.SSLContext:
    """A server's TLS context with a certificate that signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    end = datetime.now(UTC) + timedelta(days=-1 if is_expired else 1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=9))
        .not_valid_after(end)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@pytest.mark.parametrize("case", ["no starttls", "expired", "not trusted"])
def test_without_the_encryption_that_was_asked_for_nothing_is_said(
    serve: Serve,
    put: Put,
    now: datetime,
    settings: Settings,
    tmp_path: Path,
    case: str,
) -> None:
    offer = "250 hello" if case == "no starttls" else "250-hello\n250 STARTTLS"
    server, row = serve(ehlo=offer), put()
    server.tls = certificate(tmp_path, is_expired=case == "expired")
    settings.EMAIL_USE_TLS = True
    outcome = send_one(now)
    assert outcome is not None
    assert outcome.verdict == "retry"
    assert server.recipients == []
    assert server.contents == []
    row.refresh_from_db()
    assert row.state == "pending"


def test_what_is_unknown_is_resolved_by_a_person_and_keeps_its_message_id(
    serve: Serve, put: Put, now: datetime
) -> None:
    server, row = serve(body=DROP), put()
    send_one(now)
    server.script = {}
    assert sending.claim("w1", limit=8) == []
    assert outbox.resolve(row.id, has_arrived=False, now=now)
    assert not outbox.resolve(row.id, has_arrived=False, now=now)
    assert send_one(now) == Outcome("sent")
    first, second = (email.message_from_bytes(content) for content in server.contents)
    assert first["Message-ID"] == second["Message-ID"]


def test_what_arrived_after_all_is_marked_as_sent(serve: Serve, put: Put, now: datetime) -> None:
    serve(body=DROP)
    row = put()
    send_one(now)
    assert outbox.resolve(row.id, has_arrived=True, now=now)
    row.refresh_from_db()
    assert (row.state, row.sent_at) == ("sent", now)


def test_a_suppression_between_claim_and_hand_over_stops_the_message(
    serve: Serve, put: Put, now: datetime
) -> None:
    server, row = serve(), put()
    (claimed,) = sending.claim("w1", limit=8)
    Suppression.objects.create(
        identifier_kind="email", identifier="ben@example.com", reason="unsubscribed", at=now
    )
    assert sending.hand_over(claimed, now=now) is None
    row.refresh_from_db()
    assert row.state == "suppressed"
    assert server.recipients == []


def test_a_message_that_is_cancelled_after_the_claim_does_not_leave(
    serve: Serve, put: Put, now: datetime
) -> None:
    server, row = serve(), put()
    lead = Lead.objects.create(created_at=now, known_at=now, updated_at=now)
    Message.objects.filter(id=row.id).update(lead=lead)
    (claimed,) = sending.claim("w1", limit=8)
    assert outbox.cancel([lead.id], because="Erased.") == 1
    assert sending.hand_over(claimed, now=now) is None
    row.refresh_from_db()
    assert (row.state, row.reason) == ("suppressed", "Erased.")
    assert server.contents == []


def test_after_72_hours_of_trying_a_message_has_failed(
    serve: Serve, put: Put, now: datetime
) -> None:
    serve(rcpt="450 greylisted")
    row = put()
    tries = len(outcomes.DELAYS_MINUTES)
    Message.objects.filter(id=row.id).update(attempts=tries - 1)
    assert send_one(now) == Outcome("retry", "The mail server said: 450 greylisted")
    Message.objects.filter(id=row.id).update(due_at=now)
    outcome = send_one(now)
    assert outcome is not None
    assert outcome.verdict == "failed"
    row.refresh_from_db()
    assert row.reason.startswith("Given up after 72 hours.")


def test_the_back_off_grows_and_ends_after_72_hours() -> None:
    delays = [outcomes.delay_minutes(n) for n in range(1, len(outcomes.DELAYS_MINUTES) + 1)]
    known = [delay for delay in delays if delay is not None]
    assert known == sorted(known)
    assert 72 * 60 <= sum(known) < 73 * 60
    assert outcomes.delay_minutes(len(delays) + 1) is None


def test_nothing_is_handed_over_inside_a_transaction(serve: Serve, put: Put, now: datetime) -> None:
    server, _row = serve(), put()
    (claimed,) = sending.claim("w1", limit=8)
    with transaction.atomic(), pytest.raises(TransactionOpen):
        sending.hand_over(claimed, now=now)
    assert server.commands == []


def test_without_a_mail_server_messages_land_in_the_folder(
    put: Put, now: datetime, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    row = put(text="Ada hat gefragt: „wann?“")
    assert send_one(now) == Outcome("folder")
    row.refresh_from_db()
    assert (row.state, row.sent_at is not None) == ("folder", True)
    (file,) = (tmp_path / "outbox").iterdir()
    letter = email.message_from_bytes(file.read_bytes())
    assert letter["To"] == "ben@example.com"


def test_a_refusal_is_told_without_line_breaks_and_short() -> None:
    error = smtplib.SMTPDataError(550, b"no\r\nX-Evil: 1\x00" + b"x" * 999)
    reason = outcomes.of_error(error, has_content_begun=True).reason
    assert reason.startswith("The mail server refused: 550 no X-Evil: 1 x")
    assert len(reason) < 260


def test_times_follow_the_clock_of_the_database(serve: Serve, put: Put, now: datetime) -> None:
    serve(rcpt="450 greylisted")
    row = put()
    before = clock.now()
    send_one(now)
    row.refresh_from_db()
    wait = row.due_at - before
    assert timedelta(seconds=59) <= wait <= timedelta(seconds=90)


@pytest.mark.parametrize(("answer", "is_tested"), [("250 taken", True), ("550 spam", False)])
def test_the_sender_is_tested_once_the_server_has_taken_a_test_message(
    serve: Serve, now: datetime, answer: str, is_tested: bool
) -> None:
    serve(body=answer)
    senders.send_test("ada@example.com", now=now)
    send_one(now)
    assert senders.current().tested_at == (now if is_tested else None)
