"""The pages of vacant places: say them, confirm them, find one for somebody."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from dsfr.forms import DsfrBaseForm

from raccord.accounts.actors import Actor
from raccord.followup.care import importing, vacancies
from raccord.followup.care.models import Vacancy
from raccord.followup.care.vocabulary import SolutionKind
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.forms import choices_of, day_field
from raccord.followup.rights import Act
from raccord.followup.services.acting import Refused
from raccord.followup.views.acts import ActView
from raccord.matching.wording import count, typeset
from raccord.privacy import readings
from raccord.territory.models import Structure

LEVELS = [
    (0, "Tous les niveaux"),
    (3, "CAP (niveau 3)"),
    (4, "Bac (niveau 4)"),
    (5, "BTS (niveau 5)"),
]
_DISTANCES = [(10, "10 km"), (20, "20 km"), (50, "50 km"), (100, "100 km"), (300, "300 km")]


class SearchForm(forms.Form):
    """What is looked for; everything has a value, so that the first look shows something."""

    mots = forms.CharField(required=False, max_length=60)
    niveau = forms.TypedChoiceField(choices=LEVELS, coerce=int, required=False, empty_value="0")
    type = forms.ChoiceField(
        choices=[("", "Toutes les solutions"), *choices_of(SolutionKind)], required=False
    )
    km = forms.TypedChoiceField(choices=_DISTANCES, coerce=int, required=False, empty_value="50")


class Find(ActView):
    """Places for one young person, the nearest first; choosing one prepares a proposal."""

    act = Act.PROPOSE
    title = "Chercher une place"
    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """The places found."""
        readings.note(request, "sheet", [self.case.pk])
        form = SearchForm(request.GET)
        asked: dict[str, Any] = {"km": 50}
        if form.is_valid():
            found = form.cleaned_data
            asked = {
                "words": found["mots"],
                "level": int(found["niveau"]),
                "kind": found["type"],
                "km": int(found["km"]),
            }
        details = getattr(self.case.person, "details", None)
        context = {
            "case": self.case,
            "person": self.case.person,
            "age": self.case.person.age(),
            "view": self,
            "back": reverse("followup:sheet", args=[self.case.pk]),
            "asked": {"words": "", "level": 0, "kind": ""} | asked,
            "levels": LEVELS,
            "distances": _DISTANCES,
            "kinds": choices_of(SolutionKind),
            "found": vacancies.near(self.case, **asked),
            "home": details.commune if details else None,
        }
        return render(request, "followup/care/find.html", context)


class EnterForm(DsfrBaseForm):  # type: ignore[misc]
    """A free place."""

    structure = forms.ModelChoiceField(
        label="Où ?",
        empty_label="Choisissez",
        queryset=Structure.objects.none(),
        error_messages={"required": "Choisissez l’établissement ou la structure."},
    )
    kind = forms.ChoiceField(label="Type de solution", choices=choices_of(SolutionKind))
    course = forms.CharField(
        label="Formation",
        max_length=120,
        validators=[validate_note],
        help_text="Par exemple « CAP Cuisine, 1re année ».",
        error_messages={"required": "Écrivez l’intitulé de la formation."},
    )
    level = forms.TypedChoiceField(
        label="Niveau préparé",
        coerce=int,
        choices=[(0, "Sans niveau"), *LEVELS[1:]],
    )
    stream = forms.CharField(
        label="Domaine (facultatif)",
        required=False,
        max_length=60,
        help_text="Par exemple « hôtellerie », « bâtiment », « commerce ».",
    )
    places = forms.IntegerField(
        label="Nombre de places",
        min_value=1,
        max_value=500,
        initial=1,
        error_messages={"required": "Dites combien de places sont libres."},
    )
    starts_on = day_field("Entrée possible le", required=False, hint="Vide : tout de suite.")

    def __init__(self, *args: Any, structures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["structure"].queryset = structures
        known = list(structures[:2])
        if len(known) == 1:
            self.fields["structure"].initial = known[0].pk
            self.fields["kind"].initial = vacancies.kind_at(known[0])


class BringForm(DsfrBaseForm):  # type: ignore[misc]
    """A file."""

    file = forms.FileField(
        label="Fichier CSV",
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
        help_text="Une ligne par formation : reference ; uai ; formation ; type ; niveau ; domaine "
        "; places ; entree_le ; confirmee_le.",
    )


def _actor(request: HttpRequest) -> Actor:
    """Somebody who says places; for anybody else the page does not exist."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not vacancies.may_enter(actor):
        raise Http404
    return actor


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The places this person says or reads, those to confirm first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not vacancies.may_read(actor):
        raise Http404
    words = request.GET.get("q", "")[:60]
    found = vacancies.of_actor(actor, words)
    limit = vacancies.stale_since(timezone.localdate())
    stale = [one for one in found if one.confirmed_on < limit]
    context = {
        "found": found,
        "stale": {one.pk for one in stale},
        "words": words,
        "says": vacancies.may_enter(actor),
    }
    return render(request, "followup/care/places.html", context)


def enter(request: HttpRequest) -> HttpResponse:
    """A place by hand."""
    actor = _actor(request)
    structures = Structure.objects.open().filter(vacancies.entered_by(actor)).order_by("name", "pk")
    form = EnterForm(request.POST or None, structures=structures)
    if request.method == "POST" and form.is_valid():
        try:
            vacancies.enter(actor, **form.cleaned_data)
        except (ValidationError, Refused) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        else:
            messages.success(request, "Place enregistrée : elle se trouve dès maintenant.")
            return redirect("followup:vacancies")
    return render(request, "followup/care/enter.html", {"form": form})


def bring(request: HttpRequest) -> HttpResponse:
    """Places from a file."""
    actor = _actor(request)
    form = BringForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        importer = next(m.structure for m in actor.memberships if vacancies.speaks_for(m))
        try:
            raw = form.cleaned_data["file"].read()
            done = importing.import_places(actor, raw=raw, importer=importer)
        except importing.Unreadable as unreadable:
            problems = [typeset(one) for one in unreadable.problems]
        else:
            messages.success(request, _imported_in_words(done))
            return redirect("followup:vacancies")
    context = {"form": form, "problems": problems, "kinds": SolutionKind.choices}
    return render(request, "followup/care/bring.html", context)


def _imported_in_words(done: importing.Imported) -> str:
    said = (
        f"{count(done.added, 'place ajoutée', 'places ajoutées')}, "
        f"{count(done.changed, 'mise à jour', 'mises à jour')}, "
        f"{count(done.unchanged, 'inchangée', 'inchangées')}"
    )
    if done.withdrawn == 1:
        said += ", 1 retirée : elle n’est plus dans le fichier"
    elif done.withdrawn:
        said += f", {done.withdrawn} retirées : elles ne sont plus dans le fichier"
    return typeset(f"{said}.")


@require_POST
def confirm(request: HttpRequest, vacancy: UUID) -> HttpResponse:
    """« Toujours exact », one click."""
    try:
        found = vacancies.confirm(_actor(request), vacancy=vacancy)
    except Vacancy.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, f"« {found.course} » : confirmée aujourd’hui.")
    return redirect("followup:vacancies")


@require_POST
def withdraw(request: HttpRequest, vacancy: UUID) -> HttpResponse:
    """Taken, or no longer offered."""
    try:
        found = vacancies.withdraw(_actor(request), vacancy=vacancy)
    except Vacancy.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, f"« {found.course} » n’est plus proposée.")
    return redirect("followup:vacancies")
