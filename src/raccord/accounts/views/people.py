"""« Les personnes habilitées » of a structure."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from raccord.accounts import offering, rights, services
from raccord.accounts.forms import Invite
from raccord.accounts.models import Invitation, Membership, User
from raccord.accounts.roles import Role
from raccord.accounts.views.refused import said
from raccord.territory.models import Structure


def home(request: HttpRequest) -> HttpResponse:
    """The structures of which one may see the people; straight to it when there is one."""
    actor = request.actor  # type: ignore[attr-defined]
    mine = [s for s in actor.structures if rights.Ability.SEE_PEOPLE in rights.abilities(actor, s)]
    if len(mine) == 1:
        return HttpResponseRedirect(_address(mine[0]))
    return render(request, "accounts/people_home.html", {"structures": mine})


def people(request: HttpRequest, structure: int) -> HttpResponse:
    """Who is authorised, until when, given by whom; inviting when one may."""
    actor = request.actor  # type: ignore[attr-defined]
    seen = get_object_or_404(rights.visible_structures(actor), pk=structure)
    may, given = rights.abilities(actor, seen), rights.may_give(actor, seen)
    form = _form(request, seen, given) if given else None
    searching = "search" in request.POST and bool(request.POST.get("chercher"))
    searching = searching and bool(request.POST["search"].strip())
    if searching and form is not None:
        # Not sent yet: what was typed is shown again, with the pupils of that name.
        form = _form(request, seen, given, checked=False)
    elif request.method == "POST" and form is not None and form.is_valid():
        try:
            made = services.invite(actor, structure=seen, **form.values())
        except services.Refused as refusal:
            said(form, refusal)
        else:
            messages.success(request, f"L’invitation est partie à {made.email}, pour quinze jours.")
            return HttpResponseRedirect(_address(seen))
    now = timezone.localdate()
    held = (
        Membership.objects.filter(structure=seen, revoked_at__isnull=True, user__is_active=True)
        .exclude(ends_on__lt=now)
        .select_related("user", "granted_by", "structure", "entrusted")
        .order_by("role", "user__last_name", "pk")
    )
    lines = [{"one": one, "may_take_back": rights.may_take_back(actor, one)} for one in held]
    waiting = Invitation.objects.open().filter(structure=seen).select_related("invited_by")
    context = {
        "structure": seen,
        "lines": lines,
        "waiting": waiting,
        "may": may,
        "form": form,
        "nobody": searching and form is not None and not form.found,
    }
    return render(request, "accounts/people.html", context)


def _form(
    request: HttpRequest, school: Structure, given: frozenset[Role], *, checked: bool = True
) -> Invite:
    """With the classes of the school, the pupils chosen so far and those of the name searched."""
    typed = request.POST
    chosen = _ids(typed.getlist("pupils") or request.GET.get("dossiers", "").split(","))
    offered: dict[str, Any] = {"roles": given}
    if Role.CORRESPONDENT in given:
        longest = Membership._meta.get_field("classes").base_field.max_length or 0  # noqa: SLF001
        offered["classes"] = offering.classes(request, school, longest)
        offered["pupils"] = offering.pupils(request, school, typed.get("search", ""), chosen)
    if typed and checked:
        return Invite(typed, **offered)
    start: dict[str, Any] = {"scope": "pupils"} if chosen else {}
    if typed:
        start = typed.dict() | {"classes": typed.getlist("classes"), "scope": "pupils"}
    return Invite(initial=start | {"pupils": [str(pk) for pk in chosen]}, **offered)


def _ids(given: Iterable[str]) -> list[UUID]:
    found = []
    for part in given:
        try:
            found.append(UUID(part.strip()))
        except ValueError:
            continue
    return found


@require_POST
def take_back(request: HttpRequest, membership: int) -> HttpResponse:
    """Take a role back at once."""
    actor = request.actor  # type: ignore[attr-defined]
    visible = Membership.objects.select_related("user", "structure").filter(
        structure__in=rights.visible_structures(actor), revoked_at__isnull=True
    )
    one = get_object_or_404(visible, pk=membership)
    services.take_back(actor, membership=one)
    messages.success(
        request, f"{one.user} n’a plus ce rôle. Ses sessions ouvertes en tiennent compte."
    )
    return HttpResponseRedirect(_address(one.structure))


@require_POST
def cancel(request: HttpRequest, invitation: int) -> HttpResponse:
    """The link of an invitation stops working."""
    one = _invitation(request, invitation)
    services.cancel(request.actor, invitation=one)  # type: ignore[attr-defined]
    messages.success(request, f"L’invitation de {one.email} est annulée.")
    return HttpResponseRedirect(_address(one.structure))


@require_POST
def resend(request: HttpRequest, invitation: int) -> HttpResponse:
    """Send it again, with a new link."""
    one = _invitation(request, invitation)
    try:
        services.resend(request.actor, invitation=one)  # type: ignore[attr-defined]
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"L’invitation est repartie à {one.email}.")
    return HttpResponseRedirect(_address(one.structure))


def _invitation(request: HttpRequest, identifier: int) -> Invitation:
    actor = request.actor  # type: ignore[attr-defined]
    visible = Invitation.objects.open().filter(structure__in=rights.visible_structures(actor))
    found: Invitation = get_object_or_404(visible.select_related("structure"), pk=identifier)
    return found


def _address(structure: Structure) -> str:
    return reverse("accounts:people", kwargs={"structure": structure.pk})


def _account(request: HttpRequest, identifier: int) -> User:
    """An account with a role in a territory that one administers."""
    academies = rights.administered(request.actor)  # type: ignore[attr-defined]
    theirs = User.objects.filter(memberships__structure__academie__in=academies).distinct()
    return get_object_or_404(theirs, pk=identifier)


@require_POST
def close_account(request: HttpRequest, user: int) -> HttpResponse:
    """Close an account at once."""
    one = _account(request, user)
    services.disable_user(request.actor, user=one)  # type: ignore[attr-defined]
    messages.success(request, f"Le compte de {one} est fermé.")
    return HttpResponseRedirect(reverse("accounts:territory"))


@require_POST
def remove_factor(request: HttpRequest, user: int) -> HttpResponse:
    """The second factor of somebody who lost theirs."""
    one = _account(request, user)
    services.remove_second_factor(request.actor, user=one)  # type: ignore[attr-defined]
    messages.success(
        request, f"{one} choisira un nouveau deuxième facteur à sa prochaine connexion."
    )
    return HttpResponseRedirect(reverse("accounts:territory"))
