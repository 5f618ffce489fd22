"""A person asks to sign in with another address; one such wish is open at a time."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import leadline.workspace.columns


class Migration(migrations.Migration):

    dependencies = [
        ("workspace", "0009_country_of_phone_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("confirmed", "Confirmed"),
                            ("replaced", "Replaced"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("asked_at", leadline.workspace.columns.MicrosField()),
                ("expires_at", leadline.workspace.columns.MicrosField()),
                ("ended_at", leadline.workspace.columns.MicrosField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("user",),
                        name="one_open_address_change",
                    )
                ],
            },
        ),
    ]
