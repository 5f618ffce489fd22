"""PostgreSQL notes the transaction in every row that the lake takes once."""

from django.db import migrations

from leadline.analytics import stamps

TABLES = (
    "leads_traitvalue",
    "lifecycle_stagechange",
    "routing_assignment",
    "scoring_scorechange",
    "timeline_event",
    "timeline_touch",
)


def add(_apps, editor):
    stamps.add(TABLES, editor)


def remove(_apps, editor):
    stamps.remove(TABLES, editor)


class Migration(migrations.Migration):

    dependencies = [
        ("analytics", "0001_the_lake"),
        ("leads", "0001_initial"),
        ("lifecycle", "0001_initial"),
        ("routing", "0001_initial"),
        ("scoring", "0001_initial"),
        ("timeline", "0001_initial"),
    ]

    operations = [migrations.RunPython(add, remove)]
