"""`cards` as a Django application."""

from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "leadline.cards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.cards import personal

        personal.register()
