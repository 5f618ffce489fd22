"""What a version says changes only while it is a draft: the database holds it, whoever writes.

On SQLite a migration that makes the table anew (most changes of columns do) drops the trigger and has
to make it again; tests/flow/test_score_models.py says so.
"""

from django.db import migrations

SQLITE = (
    """CREATE TRIGGER scoring_published_stays
    BEFORE UPDATE OF document, day_offset_minutes, model_id ON scoring_scoremodelversion
    WHEN OLD.state <> 'draft' AND (OLD.document IS NOT NEW.document
        OR OLD.day_offset_minutes <> NEW.day_offset_minutes OR OLD.model_id <> NEW.model_id)
    BEGIN SELECT RAISE(ABORT, 'what was published never changes'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION scoring_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'what was published never changes'
        USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER scoring_published_stays
    BEFORE UPDATE OF document, day_offset_minutes, model_id ON scoring_scoremodelversion
    FOR EACH ROW WHEN (OLD.state <> 'draft' AND (OLD.document IS DISTINCT FROM NEW.document
        OR OLD.day_offset_minutes <> NEW.day_offset_minutes OR OLD.model_id <> NEW.model_id))
    EXECUTE FUNCTION scoring_published_stays()""",
)


def hold(apps, editor):
    with editor.connection.cursor() as cursor:
        for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def let_go(apps, editor):
    is_postgresql = editor.connection.vendor == "postgresql"
    with editor.connection.cursor() as cursor:
        on_table = " ON scoring_scoremodelversion" if is_postgresql else ""
        cursor.execute(f"DROP TRIGGER scoring_published_stays{on_table}")
        if is_postgresql:
            cursor.execute("DROP FUNCTION scoring_published_stays")


class Migration(migrations.Migration):

    dependencies = [("scoring", "0003_which_model_counts")]

    operations = [migrations.RunPython(hold, let_go)]
