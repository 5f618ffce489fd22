"""`delivery` as a Django application."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "leadline.delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.delivery import personal

        personal.register()
