"""`privacy` as a Django application."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "leadline.privacy"
    default_auto_field = "django.db.models.BigAutoField"
