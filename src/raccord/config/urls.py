"""The addresses of the service."""

from django.urls import include, path

from raccord.ui import views as ui

urlpatterns = [
    path("healthz", ui.healthz, name="healthz"),
    path("compte/", include("raccord.accounts.sign_in_urls")),
    path("", include("raccord.accounts.urls")),
    path("", include("raccord.privacy.urls")),
    path("", include("raccord.territory.urls")),
    path("", include("raccord.detection.urls")),
    path("", include("raccord.followup.urls")),
]

handler404 = "raccord.ui.errors.not_found"
