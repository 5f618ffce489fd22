"""`deals` as a Django application."""

from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "leadline.deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.deals import facts, personal

        facts.register()
        personal.register()
