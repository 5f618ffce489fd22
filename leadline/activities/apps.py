"""`activities` as a Django application."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "leadline.activities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.activities import facts, personal

        facts.register()
        personal.register()
