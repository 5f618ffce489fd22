import django.db.models.deletion
import leadline.segments.columns
import leadline.workspace.columns
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0006_a_trash_for_leads'),
        ('segments', '0004_keys_are_unique'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='segment',
            name='kind',
            field=models.CharField(choices=[('static', 'Static'), ('dynamic', 'Dynamic')], default='static', max_length=7),
        ),
        migrations.CreateModel(
            name='MembershipChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entered', models.BooleanField()),
                ('at', leadline.workspace.columns.MicrosField()),
                ('because', models.CharField(max_length=300)),
                ('event_ids', models.JSONField(default=list)),
                ('written_in', models.BigIntegerField(db_default=leadline.segments.columns.CurrentTransaction())),
                ('lead', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.lead')),
                ('segment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='segments.segment')),
            ],
            options={
                'indexes': [models.Index(fields=['written_in', 'id'], name='membership_change_feed'), models.Index(fields=['lead', 'at'], name='membership_change_lead'), models.Index(fields=['segment', 'at'], name='membership_change_segment')],
            },
        ),
        migrations.CreateModel(
            name='SegmentVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('document', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('effective_at', leadline.workspace.columns.MicrosField()),
                ('filled_at', leadline.workspace.columns.MicrosField(null=True)),
                ('cursor', models.UUIDField(null=True)),
                ('lead_count', models.PositiveIntegerField(default=0)),
                ('done_count', models.PositiveIntegerField(default=0)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('segment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='segments.segment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('segment', 'number'), name='segment_version')],
            },
        ),
    ]
