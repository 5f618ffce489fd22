"""`timeline` as a Django application."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "leadline.timeline"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.timeline import facts, personal

        facts.register()
        personal.register()
