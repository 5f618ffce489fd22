"""Who changed what: nothing of it can be altered without being noticed."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from leadline.workspace import audit
from leadline.workspace.audit import Change, Doer
from leadline.workspace.models import AuditEntry, AuditHead
from tests.races.side_by_side import at_once
from tests.world import World

DOER = Doer(None, "Ada", "203.0.113.9")


def write(world: World, count: int) -> None:
    for number in range(count):
        change = Change("person.changed", "person", number, f"Person {number}", {}, {"role": "rep"})
        audit.record(change, by=DOER, now=world.now)


def sql(text: str) -> Callable[[], None]:
    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute(text)

    return act


@pytest.mark.django_db
def test_an_untouched_chain_is_whole(world: World) -> None:
    write(world, 5)
    verdict = audit.verify()
    assert verdict.is_whole
    assert verdict.count == 5
    assert verdict.fingerprint == AuditHead.objects.get().hash


@pytest.mark.django_db
def test_an_empty_chain_is_whole(db: None) -> None:
    assert audit.verify().is_whole


TAMPERING = {
    "details": ("UPDATE workspace_auditentry SET details = '{}' WHERE number = 3", 3),
    "actor": ("UPDATE workspace_auditentry SET act = 'key.made' WHERE number = 2", 2),
    "time": ("UPDATE workspace_auditentry SET at = at + 1 WHERE number = 4", 4),
    "removed": ("DELETE FROM workspace_auditentry WHERE number = 2", 2),
    "moved": ("UPDATE workspace_auditentry SET number = 9 WHERE number = 1", 1),
    "cut off": ("DELETE FROM workspace_auditentry WHERE number = 5", 5),
    "emptied": ("DELETE FROM workspace_auditentry", 1),
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TAMPERING)
def test_tampering_is_noticed_where_it_happened(world: World, kind: str) -> None:
    write(world, 5)
    text, number = TAMPERING[kind]
    sql(text)()
    assert audit.verify().broken_at == number


@pytest.mark.django_db
def test_an_entry_rewritten_with_its_hash_breaks_the_next(world: World) -> None:
    write(world, 3)
    entry = AuditEntry.objects.get(number=2)
    entry.act = "key.made"
    entry.hash = audit._seal(entry)
    entry.save()
    assert audit.verify().broken_at == 3


@pytest.mark.django_db
def test_blanked_details_leave_the_chain_whole(world: World) -> None:
    write(world, 3)
    sql("UPDATE workspace_auditentry SET details = '', salt = '' WHERE number = 2")()
    assert audit.verify().is_whole


@pytest.mark.django_db
def test_what_is_rolled_back_leaves_no_entry_and_no_gap(world: World) -> None:
    write(world, 1)
    with transaction.atomic():
        write(world, 1)
        transaction.set_rollback(True)
    write(world, 1)
    assert list(AuditEntry.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert audit.verify().is_whole


@pytest.mark.django_db(transaction=True)
def test_entries_of_several_at_once_make_one_chain(world: World) -> None:
    failed = at_once(*(lambda: write(world, 5) for _ in range(4)))
    assert failed == [None] * 4
    assert audit.verify().is_whole
    assert AuditEntry.objects.count() == 20


@pytest.mark.django_db
def test_an_entry_takes_a_fixed_number_of_statements(
    world: World, django_assert_num_queries: Callable[[int], object]
) -> None:
    write(world, 2)
    with transaction.atomic(), django_assert_num_queries(4):  # type: ignore[attr-defined]
        write(world, 1)
