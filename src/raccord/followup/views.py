"""Pages of the follow-up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """Where each role starts."""
    return render(request, "followup/home.html", {})
