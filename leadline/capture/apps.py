"""`capture` as a Django application."""

from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "leadline.capture"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.capture import personal

        personal.register()
