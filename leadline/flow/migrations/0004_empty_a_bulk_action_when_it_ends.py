"""Words about people in bulk actions go with an erasure, of open ones when they end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flow", "0003_a_bulk_action_is_sent_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkaction",
            name="is_to_be_emptied",
            field=models.BooleanField(default=False),
        ),
    ]
