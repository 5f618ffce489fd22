"""`routing` as a Django application."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "leadline.routing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.routing import facts, personal

        facts.register()
        personal.register()
