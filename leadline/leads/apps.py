"""`leads` as a Django application."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leadline.leads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.leads import facts, personal

        facts.register()
        personal.register()
