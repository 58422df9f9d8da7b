"""Addresses of the exports, included in those of the follow-up."""

from django.urls import path

from raccord.followup.exports import views

urlpatterns = [
    path("liste/export/", views.choose, name="export"),
    path("liste/export/<str:kind>/", views.download, name="export_file"),
    path("releve/", views.statement, name="statement"),
    path("releve/pdf/", views.statement_pdf, name="statement_pdf"),
]
