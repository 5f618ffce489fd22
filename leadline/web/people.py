"""The colleagues that screens name: for filters, and to pass a lead on to."""

from leadline.workspace.models import User
from leadline.workspace.takers import who_sell, who_take_leads

__all__ = ["active", "who_sell", "who_take_leads"]


def active(*, with_teams: bool = False) -> list[User]:
    """Everybody who can sign in, by name. One query."""
    found = User.objects.filter(is_active=True)
    found = found.select_related("team") if with_teams else found
    return sorted(found, key=lambda user: str(user).casefold())
