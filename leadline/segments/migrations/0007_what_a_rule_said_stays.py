"""What a version of a segment's rule says never changes: the database holds it, whoever writes.

On SQLite a migration that makes the table anew (most changes of columns do) drops the trigger and has
to make it again; tests/segments/test_versions.py says so.
"""

from django.db import migrations

SQLITE = (
    """CREATE TRIGGER segments_version_stays
    BEFORE UPDATE OF document, digest, number, segment_id ON segments_segmentversion
    WHEN OLD.document IS NOT NEW.document OR OLD.digest <> NEW.digest
        OR OLD.number <> NEW.number OR OLD.segment_id <> NEW.segment_id
    BEGIN SELECT RAISE(ABORT, 'a rule of a segment never changes'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION segments_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a rule of a segment never changes'
        USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER segments_version_stays
    BEFORE UPDATE OF document, digest, number, segment_id ON segments_segmentversion
    FOR EACH ROW WHEN (OLD.document IS DISTINCT FROM NEW.document OR OLD.digest <> NEW.digest
        OR OLD.number <> NEW.number OR OLD.segment_id <> NEW.segment_id)
    EXECUTE FUNCTION segments_version_stays()""",
)


def hold(apps, editor):
    with editor.connection.cursor() as cursor:
        for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def let_go(apps, editor):
    is_postgresql = editor.connection.vendor == "postgresql"
    with editor.connection.cursor() as cursor:
        on_table = " ON segments_segmentversion" if is_postgresql else ""
        cursor.execute(f"DROP TRIGGER segments_version_stays{on_table}")
        if is_postgresql:
            cursor.execute("DROP FUNCTION segments_version_stays")


class Migration(migrations.Migration):

    dependencies = [("segments", "0006_who_came_onto_lists")]

    operations = [migrations.RunPython(hold, let_go)]
