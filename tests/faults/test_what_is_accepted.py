"""Whatever the door accepts can be worked off: no accepted row ends among the parked ones."""

import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.capture import segment, unpack
from leadline.capture.inbox import Row
from leadline.flow import intake
from leadline.lib import clock
from tests.conftest import NOW
from tests.world import World

AT = clock.micros(NOW)
WORDS = [
    "a@b.example",
    "+4930123456",
    "CEO",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%s %(x)s {0}",
    "'; DROP TABLE leads_lead; --",
    "\u202eevil",
    "\ufeff",
    "\U0001f3f4" * 20,
    "é" * 300,
    "x" * 3_000,
    "u" * 255,
    "\u00df" * 120,  # twice as long in capitals
    "\ufdfa" * 120,  # eighteen times as long when normalised
    "\u0130" * 120,
    f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example",
    "",
    " ",
    "1e400",
    "9223372036854775807",
    "2026-03-10T09:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "https://user:pass@host.example/p?utm_source=x&gclid=y#z",
    "https://[::1",
    "javascript:alert(1)",
]
texts = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.sampled_from([0, -1, 2**63 - 1, -(2**63), 1.5, -0.0, 1e308, 5e-324])
scalars = texts | numbers | st.booleans() | st.none()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
TRAITS = ["email", "phone", "name", "firstName", "title", "company", "address", "birthday", "age",
          "createdAt", "website", "employees", "avatar", "id", "country", "x"]  # fmt: skip
CONTEXT = ["page", "campaign", "referrer", "userAgent", "timezone", "locale", "ip", "traits",
           "externalIds", "groupId", "library", "device"]  # fmt: skip
IN_PAGE = ["url", "path", "title", "search", "referrer", "name", "source", "medium", "type", "id"]
inner = st.dictionaries(st.sampled_from(IN_PAGE), values, max_size=4)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """An event in which every field may hold anything that JSON can say."""
    known: dict[str, st.SearchStrategy[Any]] = {
        "type": st.sampled_from(sorted(segment.KINDS)),
        "event": texts,
        "name": texts,
        "category": texts,
        "userId": texts | numbers,
        "anonymousId": texts,
        "previousId": texts,
        "groupId": texts,
        "messageId": texts,
        "timestamp": texts,
        "originalTimestamp": texts,
        "sentAt": texts,
        "traits": st.dictionaries(st.sampled_from(TRAITS), values, max_size=6),
        "properties": st.dictionaries(st.sampled_from([*IN_PAGE, *TRAITS]), values, max_size=6),
        "context": st.dictionaries(st.sampled_from(CONTEXT), values | inner, max_size=5),
        "integrations": st.dictionaries(texts, values, max_size=2),
        "history": st.booleans(),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(known)), max_size=12, unique=True))
    item = {name: draw(known[name]) for name in {*chosen, "type"}}
    item.setdefault("userId", draw(texts))
    return item


def accepted(body: bytes) -> Row | None:
    """The inbox row of a batch, as the door would store it; None when it refuses."""
    try:
        request = segment.read(body, route="batch", received_us=AT)
    except segment.Rejected:
        return None
    meta = json.dumps({"rejected": list(request.rejected)})
    return Row(1, AT, "key:1", "batch", True, request.is_history, meta, request.body)


def check_worked_off(batch: list[dict[str, Any]], *, is_trusted: bool) -> None:
    row = accepted(json.dumps({"batch": batch}).encode())
    if row is None:
        return
    row = Row(1, AT, row.source, row.route, is_trusted, row.is_history, row.meta, row.body)
    with transaction.atomic():
        submissions = unpack.unpack([row])
        outcome = intake.run(submissions, now=NOW)
        assert len(outcome.lead_ids) == len(submissions)
        transaction.set_rollback(True)


ordinary = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
batches = st.lists(items(), min_size=1, max_size=4)


@pytest.mark.django_db
@ordinary
@given(batch=batches, is_trusted=st.booleans())
def test_what_the_door_accepts_is_worked_off(
    world: World, batch: list[dict[str, Any]], is_trusted: bool
) -> None:
    check_worked_off(batch, is_trusted=is_trusted)


@pytest.mark.torture
@pytest.mark.django_db
@settings(ordinary, max_examples=10_000)
@given(batch=batches, is_trusted=st.booleans())
def test_what_the_door_accepts_is_worked_off_ten_thousand_times(
    world: World, batch: list[dict[str, Any]], is_trusted: bool
) -> None:
    check_worked_off(batch, is_trusted=is_trusted)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["userId", "anonymousId", "previousId", "groupId"])
def test_the_longest_identifier_is_worked_off(world: World, field: str) -> None:
    longest = "i" * segment.MAX_IDENTIFIER
    item = {"type": "alias", "userId": "u1", "previousId": "u0", "groupId": "g", field: longest}
    group = {**item, "type": "group"}
    row = accepted(json.dumps({"batch": [item, group]}).encode())
    assert row is not None
    assert intake.run(unpack.unpack([row]), now=NOW).is_new == [True, True]


@pytest.mark.parametrize("nobody", [" ", "\ufeff", "\u200b\u200e", "\t\n"])
def test_an_identifier_of_which_nothing_is_left_is_refused(nobody: str) -> None:
    body = json.dumps({"event": "x", "userId": nobody, "anonymousId": nobody}).encode()
    with pytest.raises(segment.Rejected, match="/userId: no_user_anon_id"):
        segment.read(body, route="track", received_us=AT)
