"""Lists by what is known of companies say of each lead what rules say, whatever happened before."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadline.cards import filters, queries
from leadline.cards.models import Card
from leadline.cards.queries import Listing
from leadline.criteria.evaluate import evaluate
from leadline.criteria.mentions import Mentions
from leadline.criteria.nodes import Node
from leadline.criteria.snapshot import Snapshot
from leadline.flow import company_edits, fields, intake, snapshots, trash
from leadline.leads import merging
from leadline.leads.models import Company, CompanyTrait, Lead, Merge
from leadline.lib import clock
from leadline.workspace.audit import COMMAND_LINE
from leadline.workspace.fields import Wanted
from tests.world import World, said

pytestmark = pytest.mark.django_db

SIZE, CITY, LINES = "company.employee_count", "company.city", "company.lines"
PEOPLE, FIRMS = ("ann", "bob", "eve"), ("acme", "bolt")
VALUES: dict[str, list[object]] = {
    SIZE: [0, 10, 300], CITY: ["Ulm", "Bonn"], LINES: [["gas"], ["gas", "oil"]],
}  # fmt: skip
one_value = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name]))
)
person, firm = st.sampled_from(PEOPLE), st.sampled_from(FIRMS)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), person, one_value),
        st.tuples(st.just("report"), person, firm, one_value),
        st.tuples(st.just("edit"), firm, one_value),
        st.tuples(st.just("empty"), firm, st.sampled_from(sorted(VALUES))),
        st.tuples(st.just("merge"), person, person),
        st.tuples(st.sampled_from(["part", "bin", "restore"]), person),
    ),
    min_size=2,
    max_size=10,
)
RULES = [
    {"trait": SIZE, "gte": 10},
    {"trait": SIZE, "is_not": 10},
    {"trait": SIZE, "exists": True, "lt": 300},
    {"not": {"trait": SIZE, "is": 300}},
    {"trait": CITY, "is": "Ulm"},
    {"trait": CITY, "not_in": ["Bonn"]},
    {"trait": CITY, "exists": False},
    {"any": [{"trait": CITY, "contains": "n"}, {"trait": LINES, "contains": "oil"}]},
    {"trait": LINES, "in": ["gas"]},
    {"trait": LINES, "not_in": ["oil"]},
]


@pytest.fixture
def ready(world: World, now: datetime) -> World:
    """Also a field of companies with many options."""
    options = (("gas", "Gas"), ("oil", "Oil"))
    wanted = Wanted(label="Lines", about="company", type="options", options=options)
    assert fields.add(wanted, by=COMMAND_LINE, now=now).name == LINES
    return world


class Office:
    """Three people and two companies, and everything that may happen to them."""

    def __init__(self, world: World) -> None:
        self.world, self.now = world, world.now
        for each in PEOPLE:
            self._say(each)

    def do(self, act: Sequence[Any]) -> None:  # Any: as the strategy draws it
        getattr(self, act[0])(*act[1:])

    def lead(self, who: str) -> UUID:
        """Whom their address belongs to now."""
        found = Lead.objects.get(bindings__value=f"{who}@gmail.com", bindings__closed_at=None)
        return found.pk

    def claim(self, who: str, value: tuple[str, object]) -> None:
        self._say(who, traits=dict([value]), is_trusted=False)

    def report(self, who: str, firm: str, value: tuple[str, object]) -> None:
        """A trusted source says where they work, and something of the company."""
        self._say(who, traits=dict([value]), group_id=firm)

    def edit(self, firm: str, value: tuple[str, object]) -> None:
        name, wanted = value
        for company in Company.objects.filter(external_id=firm):
            place, seen = company_edits.places()[name], company_edits.current(company, name)
            company_edits.edit(
                company.pk, place, wanted, seen=seen, by=self.world.ada, now=self.now
            )

    def empty(self, firm: str, name: str) -> None:
        self.edit(firm, (name, None))

    def merge(self, who: str, other: str) -> None:
        kept, absorbed = self.lead(who), self.lead(other)
        if kept != absorbed:
            merging.merge(kept, absorbed, because="the same", now_us=clock.micros(self.now))

    def part(self, who: str) -> None:
        mine = Merge.objects.filter(kept=self.lead(who), undone_at=None).order_by("-id").first()
        if mine is not None:
            merging.undo(mine.pk, now_us=clock.micros(self.now))

    def bin(self, who: str) -> None:
        trash.move([self.lead(who)], by=self.world.ada, now=self.now)

    def restore(self, who: str) -> None:
        trash.restore([self.lead(who)], by=self.world.ada, now=self.now)

    def _say(self, who: str, **more: Any) -> None:  # Any: fields of a submission
        heard = said("identify", "Identified", email=f"{who}@gmail.com", at=self.now, **more)
        intake.run([heard], now=self.now)


def _rule(document: dict[str, object]) -> Node:
    found = filters.read(document)
    assert found is not None
    return found


def _listed(rule: Node, world: World, *, few: int) -> set[UUID]:
    condition = filters.condition(rule, user=world.ada, at_us=0, few=few)
    return set(Card.objects.filter(condition).values_list("pk", flat=True))


def _seen() -> dict[UUID, Snapshot]:
    """What rules see of each lead that has a card."""
    ids = list(Card.objects.values_list("pk", flat=True))
    found = snapshots.load(ids, reads=Mentions(), at_us=0)
    return {lead_id: each.snapshot for lead_id, each in found.items()}


def _held(rule: Node, seen: dict[UUID, Snapshot]) -> set[UUID]:
    """For which of them the evaluator says yes."""
    return {
        lead_id
        for lead_id, snapshot in seen.items()
        if evaluate(rule, snapshot, 0, day_offset_minutes=0).holds
    }


def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_list_by_companies_agrees_with_the_rule_after_anything(ready: World) -> None:
    rules = [_rule(document) for document in RULES]

    # Shrinking would take minutes, and says no more than the acts themselves.
    @settings(
        max_examples=25, deadline=None, suppress_health_check=list(HealthCheck),
        derandomize=True, phases=[Phase.generate],
    )  # fmt: skip
    @given(acts)
    def agree(drawn: list[Sequence[Any]]) -> None:
        for _ in _undone():
            office = Office(ready)
            for act in drawn:
                office.do(act)
            seen = _seen()
            for rule, few in itertools.product(rules, (0, filters.FEW)):
                assert _listed(rule, ready, few=few) == _held(rule, seen), (rule, few, drawn)

    agree()


def _office_of_acme(world: World) -> Office:
    office = Office(world)
    office.claim("ann", (CITY, "Bonn"))
    office.report("bob", "acme", (SIZE, 10))
    office.report("ann", "acme", (SIZE, 10))
    return office


def test_a_value_given_to_a_company_by_hand_counts_for_everybody_there_until_it_goes(
    ready: World,
) -> None:
    office = _office_of_acme(ready)
    both, ulm, bonn = {office.lead("ann"), office.lead("bob")}, {CITY: "Ulm"}, {CITY: "Bonn"}

    def found(wanted: dict[str, str]) -> set[UUID]:
        rule = _rule({"trait": CITY, "is": wanted[CITY]})
        return {row.lead_id for row in queries.page(Listing(ready.ada, ready.now, rule)).rows}

    office.edit("acme", (CITY, "Ulm"))
    assert (found(ulm), found(bonn)) == (both, set())
    assert queries.count(Listing(ready.ada, ready.now, _rule({"trait": CITY, "is": "Ulm"}))) == 2
    office.empty("acme", CITY)
    assert (found(ulm), found(bonn)) == (set(), {office.lead("ann")})


def test_an_option_of_companies_that_goes_is_found_no_more(ready: World) -> None:
    office = _office_of_acme(ready)
    office.edit("acme", (LINES, ["gas", "oil"]))
    arguments = {"name": LINES, "value": "oil", "becomes": None}
    fields.replace_option(arguments, ready.now)
    oil, gas = ({"trait": LINES, "contains": each} for each in ("oil", "gas"))
    assert _listed(_rule(oil), ready, few=0) == set()
    assert _listed(_rule(gas), ready, few=0) == _held(_rule(gas), _seen()) != set()
    fields.replace_option({**arguments, "value": "gas"}, ready.now)
    assert not CompanyTrait.objects.filter(name=LINES).exists()


def test_a_value_of_one_company_is_looked_up_and_no_order_is_walked(
    ready: World, now: datetime
) -> None:
    _office_of_acme(ready).edit("acme", (CITY, "Ulm"))
    with CaptureQueriesContext(connection) as caught:
        queries.page(Listing(ready.ada, now, _rule({"trait": CITY, "is": "Ulm"})))
    [asked] = [each["sql"] for each in caught if 'FROM "cards_card"' in each["sql"]]
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {asked}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "card_total" not in plan, plan
    assert "company_trait_value" in plan or connection.vendor == "postgresql", plan


def test_lists_by_other_fields_never_ask_for_companies(ready: World, now: datetime) -> None:
    with CaptureQueriesContext(connection) as caught:
        queries.page(Listing(ready.ada, now, _rule({"trait": "country", "is": "DE"})))
    assert not [each["sql"] for each in caught if "leads_companytrait" in each["sql"]]
