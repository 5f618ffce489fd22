"""The audit is asked how often a person was refused in the last minutes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspace", "0010_people_change_their_address"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor_id", "at"], name="audit_of_person"),
        ),
    ]
