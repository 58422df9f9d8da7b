"""Addresses of the follow-up."""

from django.urls import path

from raccord.followup import views

app_name = "followup"

urlpatterns = [path("", views.home, name="home")]
