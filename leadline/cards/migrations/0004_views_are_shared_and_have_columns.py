"""Views are shared with a team or everybody, have columns, can come back; tabs have an order."""

import django.db.models.deletion
import leadline.workspace.columns
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cards', '0003_find_companies_notes_and_misspelt_names'),
        ('workspace', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ViewOrder',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('view_ids', models.JSONField(default=list)),
            ],
        ),
        migrations.AddField(
            model_name='savedview',
            name='columns',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='savedview',
            name='reach',
            field=models.CharField(choices=[('private', 'Only me'), ('team', 'My team'), ('everybody', 'Everybody')], default='private', max_length=9),
        ),
        migrations.AddField(
            model_name='savedview',
            name='removed_at',
            field=leadline.workspace.columns.MicrosField(null=True),
        ),
        migrations.AddField(
            model_name='savedview',
            name='team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspace.team'),
        ),
    ]
