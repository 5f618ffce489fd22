"""Take in the sources of the leads that are there, which the filter by source offers."""

from itertools import islice

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_AT_ONCE = 2_000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    table = apps.get_model("cards", "KnownSource")
    cards = apps.get_model("cards", "Card").objects.exclude(source="").order_by()
    whose = cards.values_list("source", "owner_id", "team_id").distinct()
    named = {(source, audience) for source, *ids in whose for audience in _audiences(*ids)}
    rows = (table(source=s, folded=s.casefold()[:400], audience=a) for s, a in sorted(named))
    while batch := list(islice(rows, _AT_ONCE)):
        table.objects.bulk_create(batch)


def _audiences(owner_id: object, team_id: object) -> list[str]:
    # As `cards.sources` does at the time of this migration.
    found = [f"user:{owner_id}"] if owner_id else []
    found += [f"team:{team_id}"] if team_id else []
    return found or [""]


class Migration(migrations.Migration):
    dependencies = [("cards", "0006_sources_that_filters_offer")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
