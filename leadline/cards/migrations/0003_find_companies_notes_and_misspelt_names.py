"""What companies and notes are found by, the words of names, and who opened what last.

What is there already is taken in: a company and a note at a time, the words of every lead.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import leadline.workspace.columns
from leadline.lib import text

MOST_ROWS = 2_000
TABLES = {"cards_companysearch": "cards_companycard", "cards_notesearch": "cards_notetext"}
# As in 0002: `text` is stored once, in the table; erased letters leave no trace in the index.
SQLITE = (
    """CREATE VIRTUAL TABLE {index} USING fts5(
        text, content='{table}', content_rowid='id', tokenize='trigram', detail=full
    )""",
    "INSERT INTO {index}({index}, rank) VALUES ('secure-delete', 1)",
    """CREATE TRIGGER {index}_added AFTER INSERT ON {table} BEGIN
        INSERT INTO {index}(rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER {index}_removed AFTER DELETE ON {table} BEGIN
        INSERT INTO {index}({index}, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    """CREATE TRIGGER {index}_changed AFTER UPDATE OF text ON {table} BEGIN
        INSERT INTO {index}({index}, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO {index}(rowid, text) VALUES (new.id, new.text);
    END""",
)
POSTGRESQL = ("CREATE INDEX {index} ON {table} USING gin (text gin_trgm_ops)",)


def create(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        for index, table in TABLES.items():
            for statement in POSTGRESQL if is_postgresql else SQLITE:
                cursor.execute(statement.format(index=index, table=table))


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for index in TABLES:
            if schema_editor.connection.vendor == "postgresql":
                cursor.execute(f"DROP INDEX IF EXISTS {index}")
                continue
            for name in ("added", "removed", "changed"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {index}_{name}")
            cursor.execute(f"DROP TABLE IF EXISTS {index}")


def take_in(apps, schema_editor):
    companies = apps.get_model("leads", "Company").objects.values_list("pk", "name", "domain")
    cards = apps.get_model("cards", "CompanyCard").objects
    for batch in _batches(companies):
        cards.bulk_create(_company(cards.model, *row) for row in batch)
    notes = apps.get_model("activities", "Activity").objects.exclude(text="")
    texts = apps.get_model("cards", "NoteText").objects
    for batch in _batches(notes.values_list("pk", "text")):
        texts.bulk_create(texts.model(activity_id=pk, text=text.fold(said)) for pk, said in batch)
    _take_in_words(apps)


def _company(model, pk, name, domain):
    parts = [text.fold(part) for part in (name, domain) if part]
    return model(company_id=pk, called=(parts or [""])[0][:255], text="\n".join(parts))


def _take_in_words(apps):
    spellings = apps.get_model("cards", "Spelling").objects
    for name in ("SearchText", "CompanyCard"):
        rows = apps.get_model("cards", name).objects.values_list("pk", "text")
        for batch in _batches(rows):
            words = {word for _, said in batch for word in said.replace("-", " ").split()}
            kept = [word for word in words if 4 <= len(word) <= 40 and word.isalpha()]
            spellings.bulk_create(
                (
                    spellings.model(gram=gram, word=word)
                    for word in kept
                    for gram in {f"^^{word}$"[at : at + 3] for at in range(len(word) + 1)}
                ),
                ignore_conflicts=True,
            )


def _batches(rows):
    last = None
    while True:
        found = rows.order_by("pk") if last is None else rows.order_by("pk").filter(pk__gt=last)
        batch = list(found[:MOST_ROWS])
        if not batch:
            return
        last = batch[-1][0]
        yield batch


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0001_initial"),
        ("cards", "0002_search"),
        ("leads", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Spelling",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "gram", "word", blank=True, editable=False, primary_key=True,
                        serialize=False,
                    ),
                ),
                ("gram", models.CharField(max_length=3)),
                ("word", models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="NoteText",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.TextField()),
                (
                    "activity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="activities.activity",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CompanyCard",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("called", models.CharField(max_length=255)),
                ("text", models.TextField()),
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.company",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["called", "company"], name="company_card_called")
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", leadline.workspace.columns.MicrosField()),
                (
                    "company",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.company",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-at"], name="visit_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "lead"), name="visit_of_a_lead_once"
                    ),
                    models.UniqueConstraint(
                        fields=("user", "company"), name="visit_of_a_company_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lead__isnull", True), ("company__isnull", True), _connector="XOR"
                        ),
                        name="visit_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.RunPython(create, drop),
        migrations.RunPython(take_in, migrations.RunPython.noop),
    ]
