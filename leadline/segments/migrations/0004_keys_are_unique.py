import leadline.workspace.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0003_a_key_is_the_first_name'),
    ]

    operations = [
        migrations.AlterField(
            model_name='segment',
            name='changed_at',
            field=leadline.workspace.columns.MicrosField(),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.UniqueConstraint(fields=('key',), name='segment_key'),
        ),
    ]
