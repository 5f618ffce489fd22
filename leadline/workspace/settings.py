"""The workspace's one row of settings."""

from django.db.models import F

from leadline.workspace.models import Workspace


class NotSetUp(Exception):
    """There is no workspace yet: run `leadline setup` or open the set-up page."""

    permanent = True

    def __init__(self) -> None:
        super().__init__("There is no workspace yet: run `leadline setup`, or open /set-up.")


def current() -> Workspace:
    """The workspace. One query. Raises NotSetUp before set-up."""
    found = Workspace.objects.filter(id=1).first()
    if found is None:
        raise NotSetUp
    return found


def rules_changed() -> None:
    """Tell every process to read the rules again; call in the transaction of the change."""
    Workspace.objects.filter(id=1).update(rules_version=F("rules_version") + 1)
