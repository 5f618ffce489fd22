"""`flow` as a Django application."""

from django.apps import AppConfig


class FlowConfig(AppConfig):
    name = "leadline.flow"
    default_auto_field = "django.db.models.BigAutoField"
