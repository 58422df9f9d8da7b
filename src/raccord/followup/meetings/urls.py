"""Addresses of the support group's room, included in those of the follow-up."""

from django.urls import path

from raccord.followup.meetings import views

urlpatterns = [
    path("reunions/", views.meetings, name="meetings"),
    path("reunions/<uuid:meeting>/", views.meeting, name="meeting"),
    path("reunions/<uuid:meeting>/ordre/", views.order, name="meeting_order"),
    path("reunions/<uuid:meeting>/presences/", views.attendance, name="meeting_attendance"),
    path("reunions/<uuid:meeting>/clore/", views.close, name="meeting_close"),
    path(
        "reunions/<uuid:meeting>/compte-rendu.<str:form>",
        views.minutes_file,
        name="meeting_minutes",
    ),
    path("reunions/<uuid:meeting>/dossiers/<uuid:item>/", views.room, name="meeting_case"),
]
