"""The territory administrator's pages: who has claimed, who has not, what users say."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, Max, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from raccord.accounts import rights, services
from raccord.accounts.forms import Deposit
from raccord.accounts.models import Feedback, Invitation, Membership
from raccord.accounts.roles import Role
from raccord.accounts.services.equipping import EQUIPPED
from raccord.territory.models import Academie, Structure

#: A page waits for the mail server: the rest leaves at the next click, or by the command `equip`.
AT_MOST = 200
_ANSWERS = [Role.HEAD, Role.LEAD]
STATES = {
    "": "Toutes",
    "prises": "Prises en main",
    "invitees": "Invitées",
    "sans": "Sans invitation",
}


def _own(request: HttpRequest) -> list[Academie]:
    found = list(rights.academies(request.actor))  # type: ignore[attr-defined]
    if not found:
        raise Http404
    return found


def territory(request: HttpRequest) -> HttpResponse:
    """Every structure to equip: claimed or not, invited or not."""
    academies = _own(request)
    answers = Membership.objects.in_force().filter(structure=OuterRef("pk"), role__in=_ANSWERS)
    invited = Invitation.objects.filter(structure=OuterRef("pk"), role__in=_ANSWERS)
    last = invited.order_by("-created_at").values("created_at")[:1]
    structures = (
        Structure.objects.open()
        .filter(academie__in=academies, kind__in=EQUIPPED)
        .annotate(
            claimed=Exists(answers),
            last_sign_in=Max("memberships__user__last_login"),
            invited_at=Subquery(last),
        )
        .order_by("name", "pk")
    )
    counts = {
        "all": structures.count(),
        "claimed": structures.filter(claimed=True).count(),
        "none": structures.filter(claimed=False, invited_at=None).count(),
    }
    state = request.GET.get("etat", "")
    if state == "prises":
        structures = structures.filter(claimed=True)
    elif state == "invitees":
        structures = structures.filter(claimed=False, invited_at__isnull=False)
    elif state == "sans":
        structures = structures.filter(claimed=False, invited_at=None)
    context = {
        "academies": academies,
        "page": Paginator(structures, 50).get_page(request.GET.get("page")),
        "counts": counts,
        "state": state,
        "states": STATES,
        "opinions": Feedback.objects.filter(
            academie__in=academies, answered_at__isnull=True
        ).count(),
    }
    return render(request, "accounts/territory.html", context)


def equip(request: HttpRequest) -> HttpResponse:
    """Deposit the file, or take the directory; the report says what was sent."""
    academies = _own(request)
    form = Deposit(request.POST or None, request.FILES or None)
    reports = []
    if request.method == "POST" and form.is_valid():
        left = AT_MOST
        for academie in academies:
            report = services.equip_territory(
                request.actor,  # type: ignore[attr-defined]
                academie=academie,
                rows=form.cleaned_data["file"],
                at_most=left,
            )
            left -= len(report.sent)
            reports.append((academie, report))
    context = {"form": form, "reports": reports, "academies": academies}
    return render(request, "accounts/equip.html", context)


def opinions(request: HttpRequest) -> HttpResponse:
    """What users said, screen by screen."""
    said = Feedback.objects.filter(academie__in=_own(request)).select_related("user")
    page = Paginator(said, 30).get_page(request.GET.get("page"))
    return render(request, "accounts/opinions.html", {"page": page})


@require_POST
def answered(request: HttpRequest, opinion: int) -> HttpResponse:
    """« Traité »."""
    one = get_object_or_404(Feedback, academie__in=_own(request), pk=opinion)
    one.answered_at = timezone.now()
    one.save(update_fields=["answered_at"])
    messages.success(request, "Cet avis est marqué comme traité.")
    return HttpResponseRedirect(reverse("accounts:opinions"))
