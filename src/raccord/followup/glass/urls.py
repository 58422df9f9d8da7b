"""Addresses of what lies beyond one's own scope, included in those of the follow-up."""

from django.urls import path

from raccord.followup.glass import views

urlpatterns = [
    path("hors-perimetre/", views.beyond, name="beyond"),
    path("hors-perimetre/ouvertures/", views.openings, name="openings"),
    path("hors-perimetre/ouvertures/<uuid:opening>/", views.examine, name="opening"),
    path("hors-perimetre/<uuid:search>/", views.found, name="beyond_found"),
]
