"""A small workspace that tests share: the named people, one team, the default playbook.

Ada owns the workspace, Ben is a rep of the team Sales, Cleo is on another team and must see
nothing of Ben's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from leadline.capture.submission import Submission
from leadline.flow import rulebook
from leadline.lib import clock
from leadline.playbooks import parts
from leadline.routing import rotations
from leadline.workspace.models import Role, Team, User, Workspace
from tests import rows


@dataclass
class World:
    ada: User
    ben: User
    cleo: User
    sales: Team
    other: Team
    now: datetime


def build(now: datetime, *, language: str = "en") -> World:
    """The workspace as `leadline setup` leaves it, with three people; its playbook's words are in
    the language, its people's screens in their own."""
    rulebook.forget()
    Workspace.objects.create(
        id=1, name="Acme", time_zone="Europe/Berlin", day_offset_minutes=60, created_at=now,
        language=language,
    )  # fmt: skip
    parts.apply("b2b-saas", now=now - timedelta(days=400))
    sales = Team.objects.get()
    other = Team.objects.create(name="Elsewhere")
    ada = User.objects.create_user("ada@acme.example", name="Ada", role=Role.OWNER)
    ben = User.objects.create_user(
        "ben@acme.example", name="Ben", role=Role.REP, team=sales, takes_leads=True
    )
    cleo = User.objects.create_user("cleo@acme.example", name="Cleo", role=Role.REP, team=other)
    rotations.join(sales.id, user_ids=[ben.id])
    return World(ada, ben, cleo, sales, other, now)


def again(now: datetime) -> World:
    """`build` in English for an empty database, from the rows that it wrote the first time."""
    key = (connection.vendor, now)
    if key not in _noted:
        _noted[key] = rows.added_by(lambda: build(now))
    else:
        rulebook.forget()
        rows.put_back(_noted[key])
    people = {user.name: user for user in User.objects.select_related("team")}
    teams = {team.name: team for team in Team.objects.all()}
    other = teams.pop("Elsewhere")
    (sales,) = teams.values()
    return World(people["Ada"], people["Ben"], people["Cleo"], sales, other, now)


_noted: dict[tuple[str, datetime], rows.Noted] = {}


_count = iter(range(10**9))


def said(kind: str = "track", name: str = "Page Viewed", **fields: object) -> Submission:
    """A submission with sensible defaults; `at` is when it occurred and was received."""
    at = fields.pop("at", None)
    at_us = clock.micros(at) if isinstance(at, datetime) else int(at or 0)  # type: ignore[call-overload]
    message_id = str(fields.pop("message_id", f"m{next(_count)}"))
    fields.setdefault("is_trusted", True)
    fields.setdefault("is_history", False)
    fields.setdefault("occurred_us", at_us)
    fields.setdefault("received_us", at_us)
    return Submission(
        source=str(fields.pop("source", "key:1")),
        message_id=message_id,
        kind=kind,
        name=name,
        seen_day=clock.local_day(at_us, 0),
        **fields,  # type: ignore[arg-type]
    )


def form(purpose: str, *, email: str, at: datetime, **fields: object) -> Submission:
    """A public form post."""
    fields.setdefault("is_trusted", False)
    return said(
        "form",
        "Form Submitted",
        email=email,
        at=at,
        source=f"form:{purpose}",
        properties={"form": purpose, "purpose": purpose},
        **fields,
    )
