"""Addresses of the room: registers, deposits, comparisons."""

from django.urls import path

from raccord.detection import views

app_name = "detection"
urlpatterns = [
    path("bases/", views.feeds, name="feeds"),
    path("bases/deposer/", views.upload, name="upload"),
    path("bases/<int:pk>/", views.feed, name="feed"),
    path("bases/depots/<int:pk>/", views.deposit, name="deposit"),
    path("bases/depots/<int:pk>/retirer/", views.withdraw, name="withdraw"),
    path("bases/chercher/", views.where, name="where"),
    path("comparaisons/", views.runs, name="runs"),
    path("comparaisons/lancer/", views.start, name="start"),
    path("comparaisons/<int:pk>/", views.run, name="run"),
    path("comparaisons/<int:pk>/annuler/", views.undo_run, name="undo_run"),
]
