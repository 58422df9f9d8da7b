"""Addresses of reporting, included in those of the follow-up."""

from django.urls import path

from raccord.followup.reporting import pairs, views

urlpatterns = [
    path("signalements/", views.reports, name="reports"),
    path("signalements/nouveau/", views.report, name="report_youth"),
    path("signalements/chercher/", views.seek, name="report_seek"),
    path("signalements/<uuid:case>/question/", views.ask, name="report_ask"),
    path("doublons/", pairs.pairs, name="pairs"),
    path("doublons/<uuid:pair>/", pairs.pair, name="pair"),
    path("doublons/<uuid:pair>/separer/", pairs.unmerge, name="unmerge"),
]
