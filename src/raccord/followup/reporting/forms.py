"""The form of a report: two minutes, nothing that is not needed."""

import re
from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.forms import PHONE, choices_of, day_field
from raccord.followup.reporting.models import HowMet
from raccord.followup.reporting.seeking import Sought, reporting_structures
from raccord.followup.reporting.services import Described, check_age
from raccord.territory.geography import folded_name
from raccord.territory.models import Commune, Structure


class ReportForm(DsfrBaseForm):  # type: ignore[misc]
    """Who, and how one met them."""

    structure = forms.ChoiceField(label="Vous signalez au nom de")
    last_name = forms.CharField(
        label="Nom de famille",
        max_length=100,
        error_messages={"required": "Écrivez le nom de famille de ce jeune."},
    )
    first_name = forms.CharField(
        label="Prénom",
        max_length=100,
        error_messages={"required": "Écrivez le prénom de ce jeune."},
    )
    birth_date = day_field("Date de naissance")
    sex = forms.ChoiceField(
        label="Sexe",
        required=False,
        choices=[("", "Non précisé"), ("F", "Féminin"), ("M", "Masculin")],
    )
    commune = forms.CharField(
        label="Commune où il habite",
        required=False,
        max_length=90,
        help_text="Par exemple « Nantes » ou « 44000 Nantes » : là où il dort, pas là où il se "
        "forme.",
    )
    phone = forms.CharField(
        label="Son téléphone", required=False, max_length=30, validators=[PHONE]
    )
    how = forms.ChoiceField(
        label="Comment l’avez-vous rencontré ?",
        choices=choices_of(HowMet),
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment vous avez rencontré ce jeune."},
    )
    last_school = forms.CharField(
        label="Dernier établissement fréquenté",
        required=False,
        max_length=170,
        help_text="Facultatif : son nom, ou son UAI. Il sera prévenu.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.structures = {str(s.pk): s for s in reporting_structures(actor)}
        field: Any = self.fields["structure"]
        field.choices = [(key, s.name) for key, s in self.structures.items()]
        if len(self.structures) == 1:
            field.initial = next(iter(self.structures))
            field.widget = forms.HiddenInput()

    def chosen(self) -> Structure:
        """In whose name."""
        return self.structures[self.cleaned_data["structure"]]

    def clean_commune(self) -> Commune | None:
        """One commune, by its name, its postcode or its INSEE code."""
        said: str = self.cleaned_data["commune"]
        if not said.strip():
            return None
        near = [s.departement_id for s in self.structures.values() if s.departement_id]
        return commune_of(said, near)

    def clean_last_school(self) -> Structure | None:
        """One establishment, by its UAI or its name."""
        said: str = self.cleaned_data["last_school"]
        if not said.strip():
            return None
        near = [s.academie_id for s in self.structures.values() if s.academie_id]
        return school_of(said, near)

    def clean(self) -> dict[str, Any]:
        """Old enough, and not too young for whoever reports."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("birth_date") and found.get("structure"):
            try:
                check_age(self.chosen(), found["birth_date"])
            except forms.ValidationError as error:
                self.add_error(None, error)
        return found

    def sought(self) -> Sought | None:
        """What can be looked for, as soon as a name, a first name and a birth date are there."""
        self.is_valid()
        given = self.cleaned_data
        if not (given.get("last_name") and given.get("first_name") and given.get("birth_date")):
            return None
        commune = given.get("commune")
        school = given.get("last_school")
        return Sought(
            last_name=given["last_name"],
            first_name=given["first_name"],
            birth_date=given["birth_date"],
            sex=given.get("sex", ""),
            commune=commune.insee if commune else "",
            postcodes=tuple(commune.postcodes) if commune else (),
            phone=given.get("phone", ""),
            uai=(school.uai or "") if school else "",
        )

    def described(self) -> Described:
        """What is kept."""
        given = self.cleaned_data
        names = ("last_name", "first_name", "sex", "commune", "phone", "last_school")
        return Described(birth_date=given["birth_date"], **{name: given[name] for name in names})


def commune_of(said: str, near: list[str]) -> Commune:
    """The commune somebody wrote; of several of that name, the one of these départements. Raises
    ValidationError with the remedy."""
    code = re.search(r"\b(\d{5}|2[AB]\d{3})\b", said.upper())
    name = folded_name(re.sub(r"[(]?\b(\d{2,5}|2[ABab]\d{0,3})\b[)]?", " ", said))
    found = Commune.objects.select_related("departement")
    if name:
        found = found.filter(name_normalised=name)
    if code and name:
        found = found.filter(postcodes__contains=[code[0]]) | found.filter(insee=code[0])
    elif code:
        found = Commune.objects.select_related("departement").filter(
            postcodes__contains=[code[0]]
        ) | Commune.objects.select_related("departement").filter(insee=code[0])
    elif not name:
        found = found.none()
    kept = list(found.order_by("insee")[:30])
    kept = [c for c in kept if c.departement_id in near] or kept
    if len(kept) == 1:
        return kept[0]
    if not kept:
        raise forms.ValidationError(
            f"« {said.strip()} » n’est pas une commune connue : écrivez son nom entier, ou son "
            "code postal."
        )
    choices = ", ".join(f"{c.postcodes[0] if c.postcodes else c.insee} {c.name}" for c in kept[:8])
    raise forms.ValidationError(f"Plusieurs communes répondent : écrivez l’une de {choices}.")


def school_of(said: str, near: list[str]) -> Structure:
    """The establishment somebody wrote, by its UAI or its name."""
    text = said.strip()
    schools = Structure.objects.open().schools()
    if re.fullmatch(r"\d{7}[A-Za-z]", text):
        kept = list(schools.filter(uai=text.upper())[:2])
    else:
        name = folded_name(text)
        kept = list(schools.filter(name_normalised=name).order_by("pk")[:10])
        kept = kept or list(
            schools.filter(name_normalised__contains=name, academie__in=near).order_by("pk")[:10]
        )
        kept = [s for s in kept if s.academie_id in near] or kept
    if len(kept) == 1:
        return kept[0]
    if not kept:
        raise forms.ValidationError(
            f"« {text} » n’est pas dans l’annuaire : vérifiez son nom, donnez son UAI, ou laissez "
            "vide."
        )
    choices = ", ".join(f"{s.name} ({s.uai})" for s in kept[:6])
    raise forms.ValidationError(f"Plusieurs établissements répondent : donnez l’UAI de {choices}.")


class AskForm(DsfrBaseForm):  # type: ignore[misc]
    """A short question to the holder."""

    text = forms.CharField(
        label="Votre question",
        max_length=280,
        validators=[validate_note],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez votre question."},
    )


__all__ = ["AskForm", "ReportForm"]
