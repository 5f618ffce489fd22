"""`playbooks` as a Django application."""

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "leadline.playbooks"
    default_auto_field = "django.db.models.BigAutoField"
