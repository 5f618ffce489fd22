"""`flow` as a Django application."""

from django.apps import AppConfig


class FlowConfig(AppConfig):
    name = "leadline.flow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.flow import personal

        personal.register()
