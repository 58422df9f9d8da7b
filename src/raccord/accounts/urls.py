"""Addresses of accounts and rights."""

from django.urls import path

from raccord.accounts.views import mine

app_name = "accounts"

urlpatterns = [
    path("mon-compte/", mine.mine, name="mine"),
    path("mon-compte/appareils/<int:session>/", mine.close_device, name="close_device"),
]
