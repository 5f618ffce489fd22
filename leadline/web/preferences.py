"""Settings: messages on their way out, rows that could not be read, keys, sending."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings as django_settings
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.capture import parked as parked_rows
from leadline.capture import unpack
from leadline.capture.models import Parked
from leadline.delivery import queries, senders
from leadline.delivery.models import Message
from leadline.delivery.outbox import DraftRefused
from leadline.flow import intake
from leadline.lib import clock, email_address
from leadline.web import access, pages
from leadline.workspace import audit, reasons
from leadline.workspace.audit import Change, Value
from leadline.workspace.models import ApiKey, WriteKey
from leadline.workspace.permissions import Action

_MOST_PARKED = 100
# What a row that nobody could read raises when it is tried again.
_FAILS_AGAIN = (ValueError, TypeError, LookupError, ArithmeticError, DatabaseError)
log = logging.getLogger(__name__)
_MOST_BODY = 20_000


@dataclass(frozen=True)
class Section:
    """One entry of the settings' list."""

    key: str
    label: str | Promise
    route: str
    icon: str
    action: Action | None = None


SECTIONS = (
    Section("profile", gettext_lazy("Profile"), "profile", "leads"),
    Section("notifications", gettext_lazy("Notifications"), "notice_settings", "bell"),
    Section("general", gettext_lazy("General"), "general", "company", "edit_settings"),
    Section("hours", gettext_lazy("Working hours"), "hours", "clock", "edit_settings"),
    Section("people", gettext_lazy("People"), "people", "team", "manage_people"),
    Section("teams", gettext_lazy("Teams"), "teams", "company", "manage_people"),
    Section("roles", gettext_lazy("Roles"), "roles", "lock"),
    Section("fields", gettext_lazy("Fields"), "fields", "trait", "edit_settings"),
    Section("currencies", gettext_lazy("Currencies"), "currencies", "deal", "edit_settings"),
    Section("sending", gettext_lazy("Sending"), "sending", "send", "edit_sender"),
    Section("outbox", gettext_lazy("Outbox"), "outbox", "outbox", "see_outbox"),
    Section("keys", gettext_lazy("Keys"), "keys", "key", "manage_keys"),
    Section("parked", gettext_lazy("Parked rows"), "parked", "parked", "see_parked"),
    Section("trash", gettext_lazy("Trash"), "trash", "undo", "delete_leads"),
    Section("system", gettext_lazy("System"), "system", "monitor", "see_settings"),
    Section("audit", gettext_lazy("Audit"), "audit", "event", "see_audit"),
)


def sections(request: HttpRequest) -> Sequence[Section]:
    """What the reader may open."""
    return [each for each in SECTIONS if each.action is None or access.may(request, each.action)]


@require_safe
@access.screen()
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse(sections(request)[0].route))


@require_safe
@access.screen("see_outbox")
def outbox(request: HttpRequest) -> HttpResponse:
    """Messages newest first, with what needs a look on top."""
    state = request.GET.get("state", "")
    chosen = state if state in Message.State.values else None
    found = queries.newest(state=chosen, before=_uuid(request.GET.get("before", "")), limit=51)
    context = {
        "place": "settings",
        "section": "outbox",
        "messages": found[:50],
        "next_page": found[49].pk if len(found) > 50 else None,
        "attention": queries.needing_attention(),
        "states": Message.State.choices,
        "state": chosen,
        "goes_nowhere": django_settings.ENVIRONMENT.email is None,
    }
    return pages.render(request, "outbox.html", context)


@require_safe
@access.screen("see_outbox")
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One message, its text as plain text."""
    found = Message.objects.filter(pk=message_id).first()
    if found is None:
        raise Http404
    context = {"place": "settings", "section": "outbox", "message": found}
    return pages.render(request, "message.html", context)


@require_safe
@access.screen("see_parked")
def parked(request: HttpRequest) -> HttpResponse:
    """What arrived and could not be taken in, whole, with the error."""
    rows = Parked.objects.filter(state=Parked.State.PARKED).order_by("-id")[:_MOST_PARKED]
    shown = [(row, bytes(row.body)[:_MOST_BODY].decode("utf-8", "replace")) for row in rows]
    context = {
        "place": "settings", "section": "parked", "rows": shown,
        "problem": request.GET.get("failed", "")[:20],
    }  # fmt: skip
    return pages.render(request, "parked.html", context)


@require_POST
@access.screen("retry_parked")
def retry(request: HttpRequest, number: int) -> HttpResponse:
    """Try the row once more; it stays parked when it fails again."""
    now = clock.now()
    try:
        with transaction.atomic():
            parked_rows.retry(
                number, take=lambda row: intake.run(unpack.unpack([row]), now=now), now=now
            )
            tried = Change("parked.retried", "parked", number, str(number))
            audit.record(tried, by=access.doer(request), now=now)
    except parked_rows.NotParked as gone:
        raise Http404 from gone
    except _FAILS_AGAIN as error:
        log.warning("parked row %d failed again: %s", number, type(error).__name__)
        return HttpResponseRedirect(f"{reverse('parked')}?failed={number}")
    return HttpResponseRedirect(reverse("parked"))


@require_safe
@access.screen("manage_keys")
def keys(request: HttpRequest) -> HttpResponse:
    """Keys by name; only browser keys can be read, they stand in every page anyway."""
    write_keys = list(WriteKey.objects.order_by("kind", "id"))
    browser = next((k for k in write_keys if k.public_text and k.revoked_at is None), None)
    context = {
        "place": "settings",
        "section": "keys",
        "write_keys": write_keys,
        "api_keys": ApiKey.objects.select_related("user").order_by("id"),
        "browser_key": browser.public_text if browser else "",
        "base_url": django_settings.ENVIRONMENT.base_url,
    }
    return pages.render(request, "keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_sender")
def sending(request: HttpRequest) -> HttpResponse:
    """The sender's address, a test, and the words people get after hours."""
    problems: dict[str, str] = {}
    if request.method == "POST":
        problems = _change_sender(request, now=clock.now())
        if not problems:
            return HttpResponseRedirect(f"{reverse('sending')}?done={_act(request)}")
    context = {
        "place": "settings",
        "section": "sending",
        "sender": senders.current(),
        "problems": problems,
        "posted": request.POST,
        "done": request.GET.get("done", ""),
        "goes_nowhere": django_settings.ENVIRONMENT.email is None,
    }
    return pages.render(request, "sending.html", context, status=422 if problems else 200)


def _act(request: HttpRequest) -> str:
    act = request.POST.get("act", "")
    return act if act in ("address", "test", "approve") else ""


def _change_sender(request: HttpRequest, *, now: datetime) -> dict[str, str]:
    """What was wrong, by field; {} when it is done."""
    post, before = request.POST, senders.current().from_address
    change: Change | None = None
    try:
        with transaction.atomic():
            if _act(request) == "address":
                after = senders.change_address(post.get("from_address", "")).from_address
                change = _sender_changed({"address": before}, {"address": after})
            elif _act(request) == "test":
                senders.send_test(access.reader(request).email, now=now)
            elif _act(request) == "approve":
                subject, words = post.get("subject", ""), post.get("text", "")
                words = words.replace("\r\n", "\n")
                senders.approve_acknowledgement(subject=subject, text=words, now=now)
                change = _sender_changed({}, {"words": subject})
            if change is not None and change.before != change.after:
                audit.record(change, by=access.doer(request), now=now)
    except DraftRefused as refusal:
        return {refusal.field: reasons.sentence(refusal)}
    except email_address.NotAnAddress as refusal:
        return {"from_address": reasons.not_an_address(refusal)}
    return {}


def _sender_changed(before: dict[str, Value], after: dict[str, Value]) -> Change:
    return Change("sending.changed", "sender", 1, "", before, after)


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
