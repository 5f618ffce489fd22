"""Which address is answered by which package."""

from django.urls import include, path

urlpatterns = [
    path("", include("leadline.web.urls")),
]
