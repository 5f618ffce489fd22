"""`scoring` as a Django application."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "leadline.scoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.scoring import facts, personal

        facts.register()
        personal.register()
