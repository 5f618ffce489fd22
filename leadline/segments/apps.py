"""`segments` as a Django application."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "leadline.segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.segments import facts, personal

        facts.register()
        personal.register()
