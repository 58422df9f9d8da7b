"""Opening a sheet is reading what was said of it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from raccord.accounts.middleware import acting_in_database
from raccord.followup.notifications.models import Notification

GetResponse = Callable[[HttpRequest], HttpResponse]


class MarkAsRead:
    """After a sheet was shown, its lines are read: outside of the page, which only reads. Costs
    nothing to whoever has no line waiting."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match, actor = request.resolver_match, getattr(request, "actor", None)
        if (
            response.status_code == 200
            and match is not None
            and match.view_name == "followup:sheet"
            and actor is not None
            and actor.known("unread")
        ):
            with acting_in_database(actor.user.pk):
                Notification.objects.filter(
                    user=actor.user, case=match.kwargs["case"], read_at__isnull=True
                ).update(read_at=timezone.now())
        return response
