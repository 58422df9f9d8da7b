"""Addresses of the exports, included in those of the follow-up."""

from django.urls import path

from raccord.followup.exports import person_file_views, views

urlpatterns = [
    path("liste/export/", views.choose, name="export"),
    path("liste/export/<str:kind>/", views.download, name="export_file"),
    path("dossiers/<uuid:case>/copie/", person_file_views.of_case, name="person_file"),
    path("droit-d-acces/", person_file_views.by_reference, name="person_file_request"),
    path("releve/", views.statement, name="statement"),
    path("releve/pdf/", views.statement_pdf, name="statement_pdf"),
]
