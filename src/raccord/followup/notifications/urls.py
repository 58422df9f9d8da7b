"""Addresses of notifications, included in those of the follow-up."""

from django.urls import path

from raccord.followup.notifications import views

urlpatterns = [
    path("notifications/", views.page, name="notifications"),
    path("notifications/lues/", views.read, name="notifications_read"),
    path("notifications/rythme/", views.choose, name="notifications_rhythm"),
    path("notifications/<uuid:notification>/", views.follow, name="notification"),
]
