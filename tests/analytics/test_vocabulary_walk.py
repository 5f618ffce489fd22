"""No name that a rule may be saved with is loaded by nobody.

For a lead of whom everything is known a rule about each holds, in process and in batch, and a list
filters by it or says that it cannot.
"""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from leadline.analytics import as_of, engines
from leadline.analytics.lake import Lake
from leadline.cards import filters
from leadline.cards.models import Card
from leadline.criteria import batch, batch_rows, parse, uses
from leadline.criteria.errors import CriterionError
from leadline.criteria.evaluate import evaluate
from leadline.criteria.lists import NotForLists
from leadline.criteria.mentions import mentions, union
from leadline.criteria.nodes import Node
from leadline.criteria.vocabulary import Vocabulary
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.flow import evaluation, intake, reactions, rulebook, segments, snapshots
from leadline.leads.models import Binding
from leadline.lib import clock
from leadline.privacy.claims import ConsentClaim
from leadline.segments import lists
from leadline.timeline.models import Touch
from tests.analytics import lakes
from tests.segments import sample
from tests.world import World, form

pytestmark = pytest.mark.django_db
EMAIL = "grace@navy.example"
HOUR = timedelta(hours=1)


def rules(words: Vocabulary, world: World) -> dict[str, dict[str, object]]:
    """A rule about each name that holds for Grace, by the word that it begins with and the name."""
    return {
        **{f"since {each}": {"since": each, "at_least": "30m"} for each in sorted(words.since)},
        **{f"fact {each}": {"fact": each, "is": True} for each in sorted(words.facts)},
        **{f"score {each}": {"score": each, "gte": 0} for each in parse.SCORE_PARTS},
        "trait": {"trait": "title", "is": "Admiral"},
        "did": {"did": "Form Submitted", "where": {"purpose": {"is": "demo"}}, "within": "7d"},
        "did_not": {"did_not": "Email Opened", "within": "24h"},
        "ratio_of": {"ratio_of": "Form Submitted", "to": "Form Submitted", "at_least": 1},
        "consent": {"consent": "marketing", "channel": "email"},
        "stage": {"stage": "customer"},
        "temperature": {"temperature": "hot"},
        "owner": {"owner": world.ben.email},
        "team": {"team": world.sales.name},
        "source": {"source": "google"},
        "in_segment a list": {"in_segment": "Fair"},
        "in_segment a segment": {"in_segment": "Admirals"},
    }


@pytest.fixture
def grace(world: World) -> UUID:
    """Everything that can be known is known of her."""
    sample.make(world, "Admirals", {"trait": "title", "is": "Admiral"})
    granted = ConsentClaim("marketing", "email", "granted")
    asks = form(
        "demo", email=EMAIL, at=world.now, is_trusted=True, traits={"title": "Admiral"},
        consents=(granted,),
    )  # fmt: skip
    intake.run([asks], now=world.now)
    binding = Binding.objects.get(kind="email")
    Touch.objects.create(
        binding=binding, source="google", channel="paid_search", occurred_at=world.now,
        known_at=world.now,
    )  # fmt: skip
    lead_id = binding.lead_id
    assert lead_id is not None
    fair = lists.named("Fair", by=world.ada.pk, now=world.now)
    lists.add(fair.pk, [lead_id], by=world.ada.pk, now=world.now)
    for number, state in enumerate(("open", "won")):
        closed_at = world.now if state == "won" else None
        entry = Entry("EUR", world.now, external_id=str(number), lead_id=lead_id,
                      amount_minor=1, state=state, closed_at=closed_at)  # fmt: skip
        deals.import_many([entry], because="test", now=world.now)
    reactions.log_activity(
        lead_id, kind="call", outcome="", text="", by=world.ben.pk, began_at=world.now,
        now=world.now,
    )  # fmt: skip
    return lead_id


def read(world: World) -> dict[str, Node]:
    words = segments.vocabulary()
    said = rules(words, world)
    return {
        name: parse.parse(rule, vocabulary=words, allowed=uses.ROUTING)
        for name, rule in said.items()
    }


def test_every_name_holds_in_process_and_in_batch(
    world: World, grace: UUID, tmp_path: Path
) -> None:
    nodes, later = read(world), world.now + HOUR
    assert {name.partition(" ")[0] for name in nodes} | uses.COMBINATIONS == uses.ROUTING
    reads = union(mentions(node) for node in nodes.values())
    loaded = snapshots.load([grace], reads=reads, at_us=clock.micros(later))[grace]
    evaluation.look(loaded, rulebook=rulebook.current(later), at_us=clock.micros(later))
    lakes.refreshed(lake := Lake(tmp_path / "lake"), later)
    manifest = lake.manifest()
    tables = lake.tables(engines.duckdb(tmp_path, threads=1), manifest)
    frame = as_of.frame(tables, manifest, manifest.lake_us, reads)
    numbered = {f"n{place}": node for place, node in enumerate(nodes.values())}
    [row] = batch_rows.fetched(batch.holds(numbered, frame, day_offset_minutes=60)).to_pylist()
    for (column, node), name in zip(numbered.items(), nodes, strict=True):
        verdict = evaluate(node, loaded.snapshot, clock.micros(later), day_offset_minutes=60)
        assert (name, verdict.holds, row[column]) == (name, True, True)


def test_every_name_filters_a_list_or_is_refused_in_words(world: World, grace: UUID) -> None:
    at_us, refused = clock.micros(world.now + HOUR), {}
    for name, node in read(world).items():
        try:
            found = filters.condition(node, user=world.ada, at_us=at_us)
        except NotForLists as refusal:
            refused[name] = str(refusal)
        else:
            assert list(Card.objects.filter(found).values_list("pk", flat=True)) == [grace], name
    assert all("save this as a segment" in said for said in refused.values())
    assert refused.keys() == {
        "did", "did_not", "ratio_of", "fact deal.is_open", "fact deal.is_won",
        "fact shows_interest", "since assigned", "since last_event", "since last_response",
        "since last_touch",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"since": "birthday", "at_least": "1d"}, "/since"),
        ({"fact": "deal.is_lost", "is": True}, "/fact"),
        ({"score": "charm", "gte": 1}, "/score"),
        ({"stage": "mqll"}, "/stage/is"),
        ({"temperature": "tepid"}, "/temperature/is"),
        ({"in_segment": "Nowhere"}, "/in_segment"),
        ({"trait": "shoe_size", "is": "7"}, "/trait"),
        ({"owner": "ben@acme.example"}, "/owner"),
        ({"did": "Page Viewed", "where": {"email": {"exists": True}}}, "/where/email"),
        ({"not": {"did": ["A", {"event": "B", "where": {"message": {"contains": "x"}}}]}},
         "/not/did/1/where/message"),
    ],
)  # fmt: skip
def test_a_name_that_nobody_loads_is_refused_on_save_with_its_place(
    world: World, rule: dict[str, object], path: str
) -> None:
    with pytest.raises(CriterionError) as refusal:
        segments.create("New", rule, by=sample.by(world.ada), now=world.now)
    assert refusal.value.path == path
    assert "New" not in lists.names()
