from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0003_what_came_of_shadow_runs'),
    ]

    operations = [
        migrations.AddField(
            model_name='shadowrun',
            name='lead_ids',
            field=models.JSONField(default=list),
        ),
    ]
