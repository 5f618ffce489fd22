"""What was built: forms and pages. Read only for now."""

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from leadline.capture import definitions
from leadline.capture.models import Form, Page, Submission
from leadline.web import access, pages


@require_safe
@access.screen("see_capture")
def capture(request: HttpRequest) -> HttpResponse:
    """Forms and hosted pages, with how many submissions each form had."""
    counted = Submission.objects.filter(state=Submission.State.ACCEPTED).values("form_slug")
    counts = {row["form_slug"]: row["n"] for row in counted.annotate(n=Count("id")).order_by()}
    context = {
        "place": "capture",
        "forms": [(form, counts.get(form.slug, 0)) for form in Form.objects.order_by("name")],
        "known": definitions.load(),
        "base_url": settings.ENVIRONMENT.base_url,
        "hosted": Page.objects.select_related("form").order_by("title"),
    }
    return pages.render(request, "capture.html", context)
