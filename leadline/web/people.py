"""The colleagues that screens name: for filters, and to pass a lead on to."""

from leadline.workspace.models import User
from leadline.workspace.takers import who_sell, who_take_leads

__all__ = ["active", "who_sell", "who_take_leads"]


def active() -> list[User]:
    """Everybody who can sign in, by name. One query."""
    return sorted(User.objects.filter(is_active=True), key=lambda user: str(user).casefold())
