"""Which address is answered by which package."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("leadline.api.urls")),
    path("", include("leadline.web.urls")),
]

handler400 = "leadline.web.errors.bad_request"
handler403 = "leadline.web.errors.forbidden"
handler404 = "leadline.web.errors.not_found"
handler500 = "leadline.web.errors.server_error"
