"""However a sequence of submissions is cut into batches or shuffled, the same comes out."""

import itertools
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.capture.submission import Submission
from leadline.flow import intake
from leadline.leads.models import Binding, Lead
from leadline.scoring.models import Score
from leadline.timeline.models import Event
from tests.conftest import NOW
from tests.world import World, said

NAMES = ["Page Viewed", "Demo Requested", "Webinar Attended", "Email Opened", "Visit Started"]
PEOPLE = ["a", "b", "c"]

slow = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def stories(draw: st.DrawFn) -> list[Submission]:
    """Up to twenty submissions of three people over sixty days, who share no identifier."""
    made = []
    for number in range(draw(st.integers(1, 20))):
        at = NOW - timedelta(minutes=draw(st.integers(0, 60 * 24 * 60)))
        who = draw(st.sampled_from(PEOPLE))
        named = draw(st.sampled_from(["user", "email", "anonymous", "both"]))
        identity: dict[str, object] = {}
        if named in ("user", "both"):
            identity["user_id"] = who
        if named == "email":
            identity["email"] = f"{who}@acme.test"
        if named in ("anonymous", "both"):
            identity["anonymous_id"] = f"visitor-{who}"
        made.append(
            said(
                name=draw(st.sampled_from(NAMES)),
                at=at,
                message_id=f"s{number}",
                properties={"path": draw(st.sampled_from(["/", "/pricing", "/docs"]))},
                traits=draw(st.sampled_from([{}, {"title": "CEO"}, {"title": "Manager"}])),
                is_history=True,
                **identity,
            )
        )
    return made


@st.composite
def tangled(draw: st.DrawFn) -> list[Submission]:
    """People who share computers and claim addresses, sources trusted and not, live and history,
    and messages that come again the same day, the next one, or much later."""
    made = []
    for _ in range(draw(st.integers(2, 14))):
        identity: dict[str, object] = {}
        if draw(st.booleans()):
            identity["anonymous_id"] = draw(st.sampled_from(["shared", "v1", "v2"]))
        if draw(st.booleans()):
            identity["email"] = draw(st.sampled_from(["a@acme.test", "b@acme.test"]))
        if draw(st.booleans()) or not identity:
            identity["user_id"] = draw(st.sampled_from(["a", "b"]))
        made.append(
            said(
                name=draw(st.sampled_from(NAMES)),
                at=NOW - timedelta(minutes=draw(st.integers(0, 20 * 24 * 60))),
                message_id=f"s{draw(st.integers(0, 30))}",
                properties={"path": draw(st.sampled_from(["/", "/pricing"]))},
                traits=draw(st.sampled_from([{}, {"title": "CEO"}, {"title": "Manager"}])),
                is_trusted=draw(st.booleans()),
                is_history=draw(st.booleans()),
                **identity,
            )
        )
    return made


def outcome_of(
    batches: Sequence[Sequence[Submission]], now: datetime, *, with_instants: bool = True
) -> object:
    """Leads by their identifiers with traits, events and score, and all bindings, with when they
    began and ended or without; then everything is undone."""
    with transaction.atomic():
        for batch in batches:
            intake.run(batch, now=now)
        found = picture(with_instants=with_instants)
        transaction.set_rollback(True)
    return found


def picture(*, with_instants: bool) -> object:
    leads = {}
    for lead in Lead.objects.filter(merged_into=None):
        held = Binding.objects.filter(lead=lead)
        identifiers = tuple(sorted(held.values_list("kind", "value", "is_verified")))
        events = Event.objects.filter(binding__lead=lead).values_list("message_id", "name")
        score = Score.objects.get(lead=lead)
        leads[identifiers] = (
            sorted(lead.traits.items()),
            sorted(events),
            (score.total, score.fit, score.engagement),
        )
    held = Binding.objects.values_list("kind", "value")
    if with_instants:
        held = Binding.objects.values_list("kind", "value", "opened_at", "closed_at", "said")
    return leads, sorted(map(repr, held))


@pytest.mark.django_db
@slow
@given(story=stories() | tangled(), cuts=st.lists(st.integers(1, 19), max_size=6))
def test_every_partition_into_batches_gives_the_same(
    world: World, story: list[Submission], cuts: list[int]
) -> None:
    edges = [0, *sorted({cut for cut in cuts if cut < len(story)}), len(story)]
    batches = [story[a:b] for a, b in itertools.pairwise(edges)]
    assert outcome_of(batches, NOW) == outcome_of([story], NOW)


@pytest.mark.django_db
@slow
@given(story=stories(), seed=st.integers(0, 1000))
def test_shuffled_arrival_gives_the_same_leads_and_scores(
    world: World, story: list[Submission], seed: int
) -> None:
    # Three people who never share an identifier: which of two people a shared computer belongs to
    # does depend on who came last, and has its own tests.
    shuffled = list(story)
    random.Random(seed).shuffle(shuffled)
    ours, theirs = (outcome_of([each], NOW, with_instants=False) for each in (shuffled, story))
    assert ours == theirs


@pytest.mark.django_db
def test_a_pass_asks_the_same_number_of_questions_for_any_number_of_leads(world: World) -> None:
    def count(number: int, tag: str) -> int:
        batch = [
            said(
                "form",
                "Form Submitted",
                email=f"{tag}{i}@{tag}{i}.test",
                anonymous_id=f"{tag}{i}",
                properties={"form": "demo", "purpose": "demo", "path": "/"},
                traits={"title": "CEO"},
                at=world.now,
            )
            for i in range(number)
        ]
        with connection.execute_wrapper(counting := Counting()):
            intake.run(batch, now=world.now)
        return counting.statements

    count(1, "warm")  # reads the rules
    few, many = count(60, "few"), count(120, "many")
    assert few == many


class Counting:
    """Counts statements; a set written row by row counts as one."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        self.statements += 1
        return execute(sql, params, many, context)
