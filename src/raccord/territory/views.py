"""Names proposed while a place is typed: what any directory says, to whoever is signed in."""

from collections.abc import Iterable, Sequence

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from raccord.territory import finding
from raccord.territory.fields import near
from raccord.territory.models import Commune, Structure


@require_GET
def communes(request: HttpRequest) -> JsonResponse:
    """At most eight communes for « q »; those of the département of who asks first."""
    departements, _ = near(_own(request))
    return _said(finding.communes_like(_typed(request), departements))


@require_GET
def schools(request: HttpRequest) -> JsonResponse:
    """At most eight establishments for « q »; those of the académie of who asks first."""
    _, academies = near(_own(request))
    return _said(finding.schools_like(_typed(request), academies))


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:100].replace("\0", "")


def _own(request: HttpRequest) -> Sequence[Structure]:
    actor = request.actor  # type: ignore[attr-defined]
    return list(actor.structures) if actor else []


def _said(found: Iterable[Commune | Structure]) -> JsonResponse:
    return JsonResponse({"propositions": [finding.label_of(one) for one in found]})
