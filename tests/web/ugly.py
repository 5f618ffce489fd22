"""Data as it really comes: endless names, right-to-left text, emoji, sums of thirty digits.

For the screens, which have to hold it without breaking: nothing overlaps, nothing moves sideways.
"""

from datetime import datetime, timedelta
from uuid import UUID

from leadline.capture.models import Parked
from leadline.cards import views
from leadline.deals import deals
from leadline.delivery import outbox
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from leadline.flow import intake, reactions, segments
from leadline.segments import lists
from leadline.workspace import audit
from leadline.workspace.models import User
from tests import world as worlds

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
LONG = "Maximiliana Wilhelmine Auguste von und zu Hohenlohe-Waldenburg-Schillingsfürst " * 2
NAMES = {
    "long": LONG[:100],
    "one word": WORD[:100],
    "emoji": "👩‍👩‍👧‍👦 Zoë 🏴󠁧󠁢󠁷󠁬󠁳󠁿 Ünïcødé 🚀🚀🚀🚀🚀🚀🚀🚀",
    "right to left": "محمد بن عبد الرحمن بن خالد الأنصاري القرطبي",
    "mixed": "דוד (David) بن Ali \u200fO'Brien-Šťastný",
}


def build(owner: User, *, now: datetime) -> dict[str, UUID]:
    """A lead for each of `NAMES` with all of its fields full, and rows in outbox and parking."""
    found = {}
    for number, (kind, name) in enumerate(NAMES.items()):
        found[kind] = _arrive(number, name, now=now)
        _history(found[kind], number, owner, now=now)
    _messages(now)
    _lists(list(found.values()), owner, now=now)
    Parked.objects.create(
        source="form:" + "x" * 60, received_at=now, body=b'{"email": "' + b"a" * 400 + b'"}',
        meta="{}", error=f"ValueError: {WORD}", tries=5, parked_at=now,
    )  # fmt: skip
    return found


def _arrive(number: int, name: str, *, now: datetime) -> UUID:
    email = f"{'a' * 50}.{number}@{'very-long-' * 5}domain{number}.example.com"
    at = now - timedelta(minutes=3 + 400 * number)
    context = {"source": WORD, "medium": "cpc", "campaign": WORD, "referrer": WORD}
    said = [
        worlds.said("page", "Page Viewed", email=email, at=at - timedelta(hours=20 - n),
                    context=context, properties={"path": f"/{WORD}/{n}", "title": WORD})
        for n in range(12)
    ] + [
        worlds.form("demo", email=email, at=at, is_trusted=True, context=context, traits={
            "name": name, "title": f"Head of {WORD}", "phone": f"+4915112345{number:02d}",
            "company.name": f"{WORD} & Söhne", "company.annual_revenue": 10**14 + 7,
            "company.employee_count": 1_234_567, "budget": "9" * 30, "message": LONG * 10,
            "x" * 60: "y" * 200,
        })
    ]  # fmt: skip
    lead_id = [intake.run([each], now=at).lead_ids[0] for each in said][-1]
    assert lead_id is not None
    return lead_id


def _history(lead_id: UUID, number: int, owner: User, *, now: datetime) -> None:
    kinds = (("note", ""), ("call", "no_answer"), ("mail", "sent"), ("call", "connected"))
    for n in range(50 if number == 0 else 2):
        kind, outcome = kinds[n % len(kinds)]
        reactions.log_activity(
            lead_id, kind=kind, outcome=outcome, by=owner.pk, now=now,
            text=WORD if n % 2 else f"{LONG} {NAMES['right to left']}",
            began_at=now - timedelta(minutes=2, hours=7 * n),
        )  # fmt: skip
    entry = deals.Entry(
        lead_id=lead_id, name=WORD[:200], amount_minor=999_999_999_999_999, currency="EUR",
        external_id=f"ugly-{number}", opened_at=now,
    )  # fmt: skip
    deals.open(entry, because=LONG, now=now)


def _lists(lead_ids: list[UUID], owner: User, *, now: datetime) -> None:
    """Lists with the longest names; a view uses the first, so that it cannot be deleted."""
    for name in (WORD[:80], LONG[:80], NAMES["right to left"]):
        made = lists.named(name, by=owner.pk, now=now)
        lists.add(made.pk, lead_ids, by=owner.pk, now=now)
    rule = {"in_segment": WORD[:80]}
    segments.create(WORD[5:85], dict(rule), by=audit.by(owner, origin=""), now=now)
    views.add(owner, WORD[:80], filter=dict(rule), sort="-score", columns=[])


def _messages(now: datetime) -> None:
    outbox.put(
        [
            Draft(kind=kind, cause=f"ugly:{kind}", to_address=f"{'a' * 60}@{'b' * 60}.example.com",
                  subject=WORD, text=f"{LONG * 5}\n{WORD * 5}\n{NAMES['right to left']}")
            for kind in Message.Kind.values
            if kind != Message.Kind.PUSH  # goes to a device and is on no screen but with one
        ],
        now=now,
    )  # fmt: skip
