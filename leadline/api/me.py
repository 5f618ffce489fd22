"""Who is asking."""

from django.http import HttpRequest
from ninja import Router

from leadline.api import callers, reading, shapes

router = Router(tags=["You"])


@router.get("/me", response={200: shapes.Me, **reading.PROBLEMS}, summary="Who you are")
def get_me(request: HttpRequest) -> shapes.Me:
    """The user that the key or session acts as."""
    caller = callers.of(request, scope="leads:read", action="see_leads")
    user = caller.user
    return shapes.Me(
        id=user.pk,
        email=user.email,
        name=str(user),
        role=user.role,
        team=user.team.name if user.team else None,
        scopes=sorted(caller.scopes),
    )
