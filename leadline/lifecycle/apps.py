"""`lifecycle` as a Django application."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "leadline.lifecycle"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.lifecycle import facts, personal

        facts.register()
        personal.register()
