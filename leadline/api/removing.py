"""Deleting leads and bringing them back: to the trash and out of it, never for good."""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from leadline.api import callers, documents, problems, reading, shapes, writing
from leadline.api.callers import Caller
from leadline.flow import trash as flow
from leadline.leads import trash
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.workspace import audit
from leadline.workspace.audit import Act, Change

# One path, one router: Django asks the first that has the path, whatever the method.
router = writing.router


@router.delete(
    "/leads/{uuid:lead_id}",
    response={200: shapes.Trashed, **writing.PROBLEMS},
    summary="Move a lead to the trash",
)
def delete_lead(request: HttpRequest, lead_id: UUID) -> shapes.Trashed:
    """The lead leaves every list at once and can be restored for 30 days, with all its story."""
    caller, now = _remover(request), clock.now()
    with transaction.atomic():
        row = reading.visible(caller, lead_id)
        if row.merged_into_id is not None:
            raise problems.Refusal(409, f"The lead was merged into {row.merged_into_id}.")
        flow.move([lead_id], by=caller.user, now=now)
        _record(caller, request, "lead.deleted", lead_id)
    return shapes.Trashed(id=lead_id, restorable_until=now + trash.KEPT)


@router.post(
    "/leads/{uuid:lead_id}/restore",
    response={200: shapes.Lead, **writing.PROBLEMS},
    summary="Bring a lead back from the trash",
)
def restore_lead(request: HttpRequest, response: HttpResponse, lead_id: UUID) -> shapes.Lead:
    """The lead as it was. 404 when it is not in the trash."""
    caller = _remover(request)
    with transaction.atomic():
        if not flow.restore([lead_id], by=caller.user, now=clock.now()):
            raise problems.not_found()
        _record(caller, request, "lead.restored", lead_id)
    response["ETag"] = reading.etag(Lead.objects.get(pk=lead_id))
    return documents.leads([lead_id], hidden=callers.hidden_from(caller))[0]


def _remover(request: HttpRequest) -> Caller:
    return callers.of(request, scope="leads:write", action="delete_leads")


def _record(caller: Caller, request: HttpRequest, act: Act, lead_id: UUID) -> None:
    change = Change(act, "lead", lead_id, str(lead_id))
    audit.record(change, by=callers.doer(caller, request), now=clock.now())
