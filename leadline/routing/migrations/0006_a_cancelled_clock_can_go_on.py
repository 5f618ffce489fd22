"""When a clock was cancelled and why, beside why it ran: undoing that lets it go on from there."""

from django.db import migrations, models

from leadline.workspace.columns import MicrosField


class Migration(migrations.Migration):

    dependencies = [
        ("routing", "0005_find_the_newest_notifications"),
    ]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="cancelled_at",
            field=MicrosField(null=True),
        ),
        migrations.AddField(
            model_name="clock",
            name="cancelled_because",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
    ]
