"""The text that leads are found by, its trigram index, and two indexes for Today."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# `text` is stored once, in the table; FTS5 keeps only the index and reads the rest from there.
# detail=full, because a trigram query is a phrase. secure-delete: erased letters leave no trace
# in the index either.
SQLITE = (
    """CREATE VIRTUAL TABLE cards_search USING fts5(
        text, content='cards_searchtext', content_rowid='id', tokenize='trigram', detail=full
    )""",
    "INSERT INTO cards_search(cards_search, rank) VALUES ('secure-delete', 1)",
    """CREATE TRIGGER cards_search_added AFTER INSERT ON cards_searchtext BEGIN
        INSERT INTO cards_search(rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER cards_search_removed AFTER DELETE ON cards_searchtext BEGIN
        INSERT INTO cards_search(cards_search, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    """CREATE TRIGGER cards_search_changed AFTER UPDATE OF text ON cards_searchtext BEGIN
        INSERT INTO cards_search(cards_search, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO cards_search(rowid, text) VALUES (new.id, new.text);
    END""",
)
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX cards_search ON cards_searchtext USING gin (text gin_trgm_ops)",
)


def create(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        for statement in POSTGRESQL if is_postgresql else SQLITE:
            cursor.execute(statement)


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute("DROP INDEX IF EXISTS cards_search")
            return
        for name in ("added", "removed", "changed"):
            cursor.execute(f"DROP TRIGGER IF EXISTS cards_search_{name}")
        cursor.execute("DROP TABLE IF EXISTS cards_search")


class Migration(migrations.Migration):

    dependencies = [
        ("cards", "0001_initial"),
        ("workspace", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="card",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="card",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="workspace.team",
            ),
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.TextField()),
                (
                    "card",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cards.card",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(
                condition=models.Q(owner__isnull=True, temperature="hot"),
                fields=["owner", "-created_at", "-lead"],
                name="card_hot_unowned",
            ),
        ),
        migrations.AddIndex(
            model_name="card", index=models.Index(fields=["email"], name="card_email")
        ),
        migrations.RunPython(create, drop),
    ]
