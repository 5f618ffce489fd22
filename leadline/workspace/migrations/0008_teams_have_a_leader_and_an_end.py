"""A team is led by one of its people, and can be archived."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import leadline.workspace.columns


class Migration(migrations.Migration):
    dependencies = [("workspace", "0007_exchange_rates")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="archived_at",
            field=leadline.workspace.columns.MicrosField(null=True),
        ),
        migrations.AddField(
            model_name="team",
            name="leader",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
