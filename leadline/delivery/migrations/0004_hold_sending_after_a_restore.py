from django.db import migrations

import leadline.workspace.columns


class Migration(migrations.Migration):

    dependencies = [
        ("delivery", "0003_find_what_needs_attention"),
    ]

    operations = [
        migrations.AddField(
            model_name="sender",
            name="held_at",
            field=leadline.workspace.columns.MicrosField(null=True),
        ),
    ]
