"""An act on the lines that are ticked: shown first, then done for all, or for none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from raccord.accounts.actors import Actor
from raccord.followup import services
from raccord.followup.forms import FalseAlarmForm, PauseForm
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.relay import forms as relay_forms
from raccord.followup.relay import reading
from raccord.followup.relay import services as relay
from raccord.followup.views.lists import safe_address, ticked_versions
from raccord.matching.wording import count, typeset
from raccord.privacy import readings

Versions = dict[Any, int]


@dataclass(frozen=True)
class Bulk:
    """One act: the form that it wants, what its page says, and the service that does it."""

    #: The field that tells a form that was sent from the button of the list.
    field: str
    form: Callable[[Actor, list[Case], Any], Any]
    title: tuple[str, str]
    button: str
    done: tuple[str, str]
    do: Callable[[Actor, Versions, Any], list[TimelineEvent]]


def _colleagues(actor: Actor, cases: list[Case], data: Any) -> Any:
    holder = next((c.holder_id for c in cases if c.holder_id in actor.structure_ids), None)
    known = reading.colleagues(holder) if holder else []
    return relay_forms.AssignForm(data, colleagues=known)


BULK = {
    "fausse-alerte": Bulk(
        "which",
        lambda actor, cases, data: FalseAlarmForm(data),
        ("fausse alerte", "fausses alertes"),
        "Clore",
        ("fausse alerte enregistrée", "fausses alertes enregistrées"),
        lambda actor, versions, form: services.close_false_alarm(
            actor, cases=versions, versions=versions, which=form.cleaned_data["which"]
        ),
    ),
    "pause": Bulk(
        "until",
        lambda actor, cases, data: PauseForm(data, initial=PauseForm.first_values(cases[0])),
        ("dossier à mettre en pause", "dossiers à mettre en pause"),
        "Mettre en pause",
        ("dossier mis en pause", "dossiers mis en pause"),
        lambda actor, versions, form: services.pause_together(
            actor, cases=versions, versions=versions, until=form.cleaned_data["until"]
        ),
    ),
    "confier": Bulk(
        "user",
        _colleagues,
        ("dossier à confier", "dossiers à confier"),
        "Confier",
        ("dossier confié", "dossiers confiés"),
        lambda actor, versions, form: relay.assign(
            actor, cases=versions, versions=versions, user=form.cleaned_data["user"]
        ),
    ),
    "associer": Bulk(
        "to",
        lambda actor, cases, data: relay_forms.AssociateTogetherForm(data, case=cases[0]),
        ("dossier à suivre avec une autre structure", "dossiers à suivre avec une autre structure"),
        "Associer",
        ("dossier suivi avec cette structure", "dossiers suivis avec cette structure"),
        lambda actor, versions, form: relay.associate_together(
            actor,
            cases=versions,
            versions=versions,
            structure=form.receiver(),
            reason=form.cleaned_data["reason"],
        ),
    ),
}


@require_POST
def together(request: HttpRequest) -> HttpResponse:
    """The page of an act, or its end."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    back = safe_address(request.POST.get("retour", ""))
    ticked = ticked_versions(request)
    key = request.POST.get("acte", "")
    if not ticked:
        messages.warning(request, "Cochez d’abord un ou plusieurs jeunes.")
        return redirect(back)
    if key not in BULK:
        messages.warning(request, "Choisissez ce qu’il faut faire des jeunes cochés.")
        return redirect(back)
    bulk, cases = BULK[key], _named(actor, ticked)
    if len(cases) < len(ticked):
        raise Http404
    form = bulk.form(actor, cases, request.POST if bulk.field in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            events = bulk.do(actor, ticked, form)
        except Case.DoesNotExist as error:
            raise Http404 from error
        except ValidationError as error:
            form.add_error(None, error)
        except (services.Refused, services.ChangedMeanwhile) as error:
            messages.error(request, typeset(str(error)))
            return redirect(back)
        else:
            undo = reverse("followup:undo", args=[events[0].pk])
            messages.success(
                request,
                typeset(f"{count(len(events), *bulk.done)}."),
                extra_tags=undo if events[0].facts.get("restores") else "",
            )
            return redirect(back)
    readings.note(request, "list", [case.pk for case in cases])
    context = {
        "form": form,
        "act": key,
        "title": count(len(cases), *bulk.title),
        "button": bulk.button,
        "cases": cases,
        "ticked": ticked,
        "back": back,
    }
    return render(request, "followup/together.html", context)


def _named(actor: Actor, ticked: Versions) -> list[Case]:
    visible = Case.objects.visible_to(actor).filter(pk__in=list(ticked))
    related = visible.select_related(
        "person", "person__details", "person__details__commune", "holder"
    )
    return list(related.order_by("person__search_name", "pk"))
