from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0002_keys_and_changes'),
    ]

    operations = [
        migrations.RunSQL(
            """
            UPDATE segments_segment SET key = name, changed_at = coalesce(
                (SELECT max(at) FROM segments_membership
                 WHERE segment_id = segments_segment.id), created_at)
            """,
            migrations.RunSQL.noop,
        ),
    ]
