import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspace", "0005_how_people_read")]

    operations = [
        migrations.AddField(
            model_name="departure",
            name="tasks_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="handedover",
            name="kind",
            field=models.CharField(
                choices=[("lead", "Lead"), ("task", "Task"), ("deal", "Deal")], max_length=4
            ),
        ),
    ]
