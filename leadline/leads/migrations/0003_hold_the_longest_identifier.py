from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0002_remember_all_that_a_merge_changes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='company',
            name='external_id',
            field=models.CharField(max_length=255, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name='binding',
            name='value',
            field=models.CharField(max_length=255),
        ),
    ]
