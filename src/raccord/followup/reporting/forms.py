"""The form of a report: two minutes, nothing that is not needed."""

from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.forms import PHONE, choices_of, day_field
from raccord.followup.reporting.models import HowMet
from raccord.followup.reporting.seeking import Sought, reporting_structures
from raccord.followup.reporting.services import Described, check_age
from raccord.territory.fields import CommuneField, SchoolField, near
from raccord.territory.models import Structure


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
    commune = CommuneField(
        label="Commune où il habite",
        required=False,
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
    last_school = SchoolField(
        label="Dernier établissement fréquenté",
        required=False,
        help_text="Facultatif : quelques lettres de son nom et de sa ville suffisent. Il sera "
        "prévenu.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.structures = {str(s.pk): s for s in reporting_structures(actor)}
        places: Any = self.fields
        places["commune"].near, places["last_school"].near = near(list(self.structures.values()))
        if actor.training:  # its directory is that of real schools, which would be told
            del places["last_school"]
        field: Any = self.fields["structure"]
        field.choices = [(key, s.name) for key, s in self.structures.items()]
        if len(self.structures) == 1:
            field.initial = next(iter(self.structures))
            field.widget = forms.HiddenInput()

    def chosen(self) -> Structure:
        """In whose name."""
        return self.structures[self.cleaned_data["structure"]]

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
        said = {name: given.get(name) for name in names}
        return Described(birth_date=given["birth_date"], **said)


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
