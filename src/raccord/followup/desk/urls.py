"""Addresses of the desk, included in those of the follow-up."""

from django.urls import path

from raccord.followup.desk import keeping, views

urlpatterns = [
    path("aujourdhui/", views.today, name="today"),
    path("agenda/", views.agenda_page, name="agenda"),
    path("agenda/raccord.ics", views.agenda_file, name="agenda_file"),
    path("liste/filtres/", keeping.keep, name="filter_keep"),
    path("liste/filtres/<uuid:saved>/oublier/", keeping.forget, name="filter_forget"),
]
