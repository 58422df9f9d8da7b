"""Addresses of the territory."""

from django.urls import path

from raccord.territory import views

app_name = "territory"
urlpatterns = [
    path("lieux/communes/", views.communes, name="communes"),
    path("lieux/etablissements/", views.schools, name="schools"),
]
