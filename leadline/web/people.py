"""The colleagues that screens name: for filters, and to pass a lead on to."""

from leadline.workspace.models import Role, User


def active() -> list[User]:
    """Everybody who can sign in, by name. One query."""
    return sorted(User.objects.filter(is_active=True), key=lambda user: str(user).casefold())


def who_take_leads(user: User) -> list[User]:
    """To whom `user` may pass a lead on: people of the own team, for admins of every team."""
    sellers = User.objects.filter(is_active=True).exclude(role__in=[Role.READ_ONLY, Role.MARKETER])
    if user.role not in (Role.OWNER, Role.ADMIN):
        sellers = sellers.filter(team__isnull=False, team=user.team)
    return sorted(sellers.exclude(pk=user.pk), key=lambda each: str(each).casefold())
