"""The addresses of the service, and a page that shows nothing but the base template."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_GET

from raccord.config import urls

handler404 = urls.handler404
_TEMPLATE = engines["django"].from_string(
    '{% extends "ui/base.html" %}{% block title %}Page nue{% endblock %}'
    '{% block content %}<h1 class="fr-h3">Page nue</h1>{% endblock %}'
)


@require_GET
def bare(request: HttpRequest) -> HttpResponse:
    """The same menu, the same header, nothing in it."""
    return HttpResponse(_TEMPLATE.render({}, request))


urlpatterns = [path("page-nue/", bare), path("", include("raccord.config.urls"))]
