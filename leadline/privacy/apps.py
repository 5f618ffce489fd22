"""`privacy` as a Django application."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "leadline.privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.privacy import personal

        personal.register()
