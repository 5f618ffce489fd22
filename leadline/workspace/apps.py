"""The workspace as a Django application."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "leadline.workspace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from leadline.workspace import personal

        personal.register()
