"""Settings, System: the last backup, what waits, how large everything is, and sending after a
restore."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from leadline.delivery import holding
from leadline.keeping import condition
from leadline.lib import clock
from leadline.web import access, pages
from leadline.workspace import audit, jobs
from leadline.workspace.audit import Change

# Asked for twice while it waits or runs, it is made once.
_BACKUP_KEY = "backup:asked"


@require_safe
@access.screen("see_settings")
def page(request: HttpRequest) -> HttpResponse:
    """How the installation is, now."""
    done = request.GET.get("done", "")
    context = {
        "place": "settings",
        "section": "system",
        "condition": condition.current(clock.now()),
        "done": done if done in ("backup", "resumed") else "",
    }
    return pages.render(request, "system.html", context)


@require_POST
@access.screen("edit_settings")
def back_up(request: HttpRequest) -> HttpResponse:
    """Ask for a backup; a job makes it."""
    now = clock.now()
    with transaction.atomic():
        jobs.enqueue("backup", now=now, unique_key=_BACKUP_KEY)
        audit.record(Change("backup.asked", "backup", "", ""), by=access.doer(request), now=now)
    return HttpResponseRedirect(f"{reverse('system')}?done=backup")


@require_POST
@access.screen("edit_settings")
def resume_sending(request: HttpRequest) -> HttpResponse:
    """After a restore: messages leave again, with or without those that waited in the backup."""
    skips_old = request.POST.get("old") == "skip"
    holding.resume(skips_old=skips_old, by=access.doer(request), now=clock.now())
    return HttpResponseRedirect(f"{reverse('system')}?done=resumed")
