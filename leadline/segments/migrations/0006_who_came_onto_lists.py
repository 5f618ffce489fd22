from django.db import migrations

# Since when somebody is on a list is known, and who was taken off it is not.
NOTE = """
    INSERT INTO segments_membershipchange (segment_id, lead_id, entered, at, because, event_ids)
    SELECT m.segment_id, m.lead_id, {true}, m.at, 'It was put on the list by hand', '[]'
    FROM segments_membership m JOIN segments_segment s ON s.id = m.segment_id
    WHERE s.kind = 'static' ORDER BY m.at, m.id
"""


def note(apps, editor):
    true = "true" if editor.connection.vendor == "postgresql" else "1"
    editor.execute(NOTE.format(true=true))


def forget(apps, editor):
    editor.execute(
        "DELETE FROM segments_membershipchange WHERE segment_id IN"
        " (SELECT id FROM segments_segment WHERE kind = 'static')"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0005_rules_fill_segments'),
    ]

    operations = [
        migrations.RunPython(note, forget),
    ]
