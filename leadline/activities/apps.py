"""`activities` as a Django application."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "leadline.activities"
    default_auto_field = "django.db.models.BigAutoField"
