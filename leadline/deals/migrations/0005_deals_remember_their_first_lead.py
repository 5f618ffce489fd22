import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0004_deals_of_a_state_newest_first"),
        ("leads", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="written_for",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="leads.lead",
            ),
        ),
    ]
