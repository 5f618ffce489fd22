"""`analytics` as a Django application."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "leadline.analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.analytics import facts, personal

        facts.register()
        personal.register()
