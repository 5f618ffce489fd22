"""`leadline doctor` reads the audit's chain."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from leadline.cli import main
from leadline.workspace import audit
from leadline.workspace.audit import Change, Doer
from tests.world import World


def examined() -> tuple[int, dict[str, object]]:
    result = CliRunner().invoke(main, ["doctor", "--json"], catch_exceptions=False)
    found: dict[str, object] = json.loads(result.stdout)
    return result.exit_code, found


@pytest.mark.django_db
def test_the_doctor_says_whether_the_audit_is_whole(world: World) -> None:
    for number in range(3):
        change = Change("person.changed", "person", number, "Ben")
        audit.record(change, by=Doer(None, "Ada", "here"), now=world.now)
    code, found = examined()
    assert (code, found["audit"]) == (0, "3 entries, none changed or missing")
    assert found["fingerprint"] == audit.verify().fingerprint
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM workspace_auditentry WHERE number = 3")
    code, found = examined()
    assert (code, found["audit"]) == (1, "entries at the end are missing")
