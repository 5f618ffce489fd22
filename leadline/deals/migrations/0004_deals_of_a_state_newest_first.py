from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0003_exchange_rates"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(fields=["state", "id"], name="deal_by_state"),
        ),
    ]
