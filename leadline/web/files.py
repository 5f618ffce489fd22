"""Files on a lead: put there, handed out to who may see the lead, removed with a way back."""

from typing import BinaryIO, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadline.activities import files, store
from leadline.activities.files import NotAFile
from leadline.activities.models import File
from leadline.cards import queries as cards
from leadline.lib import clock
from leadline.web import access, acts, once, pages, undo
from leadline.web.undo import Toast
from leadline.workspace import permissions
from leadline.workspace.models import User

_MEGABYTE = 1024 * 1024


@require_POST
@access.screen("edit_leads")
def upload(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Keep a file with the lead; what cannot be kept is said and leaves nothing."""
    acts.editable(request, lead_id)
    user, now, given = access.reader(request), clock.now(), request.FILES.get("file")
    if given is None:
        # Nothing was chosen, or the door has dropped what was too large (`web.uploads`): the
        # sentence says what may be chosen, so it fits both.
        return _refused(request, lead_id, _too_large())
    try:
        content, name = cast(BinaryIO, given.file), given.name or ""
        key = once.key(request, "file")
        made = files.keep(lead_id, content, name=name, by=user.pk, now=now, key=key)
    except NotAFile as refusal:
        return _refused(request, lead_id, _said(refusal))
    token = undo.token(user, "file_added", lead_id, str(made.pk), now=now)
    return undo.answer(request, Toast(_("%(name)s is added") % {"name": made.name}, token))


@require_safe
@access.screen("see_leads")
def download(request: HttpRequest, lead_id: UUID, file_id: UUID) -> HttpResponse:
    """The file, to be saved and never shown by us; who may see the lead is asked each time."""
    row = _find(access.reader(request), lead_id, file_id)
    try:
        content = store.path(row.stored).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        content, as_attachment=True, filename=row.name, content_type=row.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return cast(HttpResponse, response)  # streamed, which only its type tells


@require_POST
@access.screen("edit_leads")
def remove(request: HttpRequest, lead_id: UUID, file_id: UUID) -> HttpResponse:
    """Take the file off the lead: whoever put it there, and who manages."""
    user, now = access.reader(request), clock.now()
    row = _find(user, lead_id, file_id)
    if not may_remove(user, row):
        raise PermissionDenied
    files.remove(row.pk, by=user.pk, now=now)
    token = undo.token(user, "file_removed", lead_id, str(row.pk), now=now)
    return undo.answer(request, Toast(_("%(name)s is removed") % {"name": row.name}, token))


def may_remove(user: User, row: File) -> bool:
    """Whether the user may remove the file of a lead that they may see."""
    is_theirs = row.by_id == user.pk or permissions.may(user, "assign_leads")
    return is_theirs and cards.may_edit(user, row.lead_id)


def _find(user: User, lead_id: UUID, file_id: UUID) -> File:
    if cards.one(user, lead_id) is None:
        raise Http404
    row = File.objects.filter(pk=file_id, lead=lead_id, removed_at=None).first()
    if row is None:
        raise Http404
    return row


def _refused(request: HttpRequest, lead_id: UUID, said: str) -> HttpResponse:
    if pages.wants_fragment(request):
        return undo.answer(request, Toast(said, is_bad=True))
    context = {"said": said, "lead_id": lead_id}
    return pages.render(request, "file_refused.html", context, status=422)


def _said(refusal: NotAFile) -> str:
    if refusal.reason == "not_allowed":
        return _("Not kept: documents, tables, pictures and plain text are; nothing with macros.")
    if refusal.reason == "too_many":
        return _("Not kept: this lead has %(count)d files.") % {"count": files.MOST_PER_LEAD}
    if refusal.reason == "no_room":
        return _("Not kept: the disk is full or cannot be written. Ask who runs Leadline.")
    return _too_large()


def _too_large() -> str:
    most = files.MOST_BYTES // _MEGABYTE
    return _("Not kept: choose a file of at most %(count)d MB.") % {"count": most}
