"""The page behind the Demo chip: what is real in the demo, and what is made up."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from leadline.web import access, pages
from leadline.workspace.models import Workspace


@require_safe
@access.screen()
def page(request: HttpRequest) -> HttpResponse:
    """Only where the workspace is a demo."""
    workspace = Workspace.objects.filter(is_demo=True).first()
    if workspace is None:
        raise Http404
    told = workspace.notes.get("demo", {}) if isinstance(workspace.notes, dict) else {}
    facts = told if isinstance(told, dict) else {}
    return pages.render(request, "demo.html", {"facts": facts})
