"""Nothing leaves the demo, whatever mail server is set."""

from datetime import datetime

import pytest
from django.test import override_settings

from leadline.delivery import leases, senders, sending
from leadline.delivery.models import Message
from leadline.flow import rulebook
from leadline.playbooks import demo
from tests.demo.conftest import FEW, begun

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.django_db(transaction=True)
def test_the_demo_hands_nothing_to_a_mail_server(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun()
    demo.build(now=now, people_count=FEW)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the demo talks to a mail server")

    monkeypatch.setattr("smtplib.SMTP.__init__", refuse)
    monkeypatch.setattr("smtplib.SMTP_SSL.__init__", refuse)
    senders.send_test("stranger@elsewhere.example", now=now)
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="mail.example.com"):
        for message in leases.claim("demo", limit=100):
            sending.hand_over(message, now=now)
    states = set(Message.objects.values_list("state", flat=True))
    assert Message.objects.filter(kind="test", state="folder").exists()
    assert states <= {"folder", "pending", "suppressed"}
    rulebook.forget()
