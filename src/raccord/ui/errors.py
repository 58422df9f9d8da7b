"""Pages of errors: what happened and what to do, in plain words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent from a page that stayed open too long, or from elsewhere."""
    return render(request, "ui/expired.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is not yours answers like what does not exist."""
    return render(request, "404.html", status=404)
