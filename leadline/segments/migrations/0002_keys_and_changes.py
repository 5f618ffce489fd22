import leadline.workspace.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0001_static_lists'),
    ]

    operations = [
        migrations.AddField(
            model_name='segment',
            name='key',
            field=models.CharField(default='', max_length=100),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='segment',
            name='changed_at',
            field=leadline.workspace.columns.MicrosField(null=True),
        ),
    ]
