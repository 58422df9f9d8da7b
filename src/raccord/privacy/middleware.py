"""Readings noted by a page are written once its transaction has ended."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from raccord.privacy import readings


class KeepReadings:
    """Write what the page noted (`readings.note`), in a short transaction of its own.

    When the log cannot be written the page is not shown: nothing is read without a trace.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        readings.write(request)
        return response
