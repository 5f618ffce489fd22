"""Who may be given leads: by anybody, and by a certain colleague."""

from leadline.workspace.models import Role, User


def who_sell() -> list[User]:
    """Everybody who may own leads and deals, by name. One query."""
    sellers = User.objects.filter(is_active=True).exclude(role__in=[Role.READ_ONLY, Role.MARKETER])
    return sorted(sellers, key=lambda each: str(each).casefold())


def who_take_leads(user: User) -> list[User]:
    """To whom `user` may pass a lead on: people of the own team, for admins of every team."""
    sellers = [each for each in who_sell() if each.pk != user.pk]
    if user.role in (Role.OWNER, Role.ADMIN):
        return sellers
    return [each for each in sellers if each.team_id and each.team_id == user.team_id]
