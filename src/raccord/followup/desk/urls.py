"""Addresses of the desk, included in those of the follow-up."""

from django.urls import path

from raccord.followup.desk import views

urlpatterns = [
    path("aujourdhui/", views.today, name="today"),
]
