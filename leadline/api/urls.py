"""Addresses under `/api/`."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from leadline.api import guide, interface, problems

_api = interface.build()


@csrf_exempt
def _unknown(request: HttpRequest) -> HttpResponse:
    return problems.answer(problems.Refusal(404, "There is nothing at this address."))


urlpatterns = [
    path("v1/", include((interface.addresses(_api), "ninja"), namespace="api-v1")),
    path("docs", guide.page, {"api": _api}, name="api-guide"),
    path("docs.css", guide.style, name="api-guide-style"),
    # An address may hold line breaks, escaped; they too get a document and not a page.
    re_path(r"^[\s\S]*\Z", _unknown),
]
