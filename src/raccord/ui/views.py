"""Pages that belong to no room in particular."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from raccord import __version__


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the service can answer, 503 otherwise; the parts and nothing about anybody."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = "ok"
    except DatabaseError:
        database = "absente"
    parts = {"database": database}
    healthy = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"ok": healthy, "version": __version__, "parts": parts}, status=200 if healthy else 503
    )
