from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0003_hold_the_longest_identifier'),
    ]

    operations = [
        migrations.AddField(
            model_name='binding',
            name='is_claim',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
