"""Addresses of the log of readings and of the partners."""

from django.urls import path

from raccord.privacy.views import log, partners

app_name = "privacy"

urlpatterns = [
    path("journal-des-lectures/", log.log, name="log"),
    path("journal-des-lectures/export.csv", log.export, name="log_export"),
    path("partenaires/", partners.partners, name="partners"),
    path("partenaires/<int:structure>/", partners.partner, name="partner"),
    path("partenaires/<int:structure>/fin/", partners.end, name="end"),
]
