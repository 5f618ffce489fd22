"""“Return to nurture?”: what a person answers to what the lifecycle proposes about a lead."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _noop

from leadline.flow import reactions, rulebook
from leadline.leads import locks
from leadline.lifecycle import standings
from leadline.lifecycle.models import StageChange
from leadline.lifecycle.standings import Place
from leadline.workspace.models import User


def answer(
    lead_id: UUID, *, goes: bool, by: User, now: datetime
) -> tuple[StageChange, Place] | None:
    """Return the lead to nurture, or keep its stage; the change and where the lead stood.

    None when it is no longer asked: the lead has come back by itself, or somebody has answered.
    """
    with transaction.atomic():
        locks.hold([lead_id])
        was = standings.asked_about(lead_id)
        nurture = rulebook.current(now).lifecycle.nurture
        if was is None or (goes and nurture is None):
            return None
        stage, because = was.stage, _noop("Kept by %(who)s")
        if goes and nurture is not None:
            stage, because = nurture.key, _noop("Returned to nurture by %(who)s")
        change = reactions.set_stage(
            lead_id, stage, by=by.pk, reason=because % {"who": by}, now=now
        )
        return None if change is None else (change, was)
