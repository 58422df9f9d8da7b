"""Readings noted by a page are written once its transaction has ended."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from raccord.privacy import readings

logger = logging.getLogger(__name__)


class KeepReadings:
    """Write what the page noted (`readings.note`), in a short transaction of its own.

    When the log cannot be written the page is not shown: nothing is read without a trace.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404:
            _note_what_was_asked(request)
        try:
            readings.write(request)
        except DatabaseError:
            logger.exception("Le journal des lectures ne s’écrit pas : la page n’est pas montrée.")
            response.close()
            return HttpResponse(render_to_string("privacy/unlogged.html"), status=503)
        return response


def _note_what_was_asked(request: HttpRequest) -> None:
    """What was not found is a refusal: whatever the page had noted was not shown."""
    request.__dict__.pop("noted_readings", None)
    match = request.resolver_match
    if match is None or getattr(request, "actor", None) is None:
        return
    for value in match.kwargs.values():
        if isinstance(value, UUID):
            readings.refused(request, value)
