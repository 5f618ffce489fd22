"""`web` as a Django application."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "leadline.web"
    default_auto_field = "django.db.models.BigAutoField"
