"""Forms of the room."""

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db.models.expressions import RawSQL

from raccord.accounts.models import Membership
from raccord.privacy.models import Act
from raccord.territory.models import Departement, Structure

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from raccord.privacy.models import Reading

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


class Day(forms.DateInput):
    """A day, with the calendar of the browser; typed otherwise, it comes back as it was typed."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A date whose errors quote what was typed and name the field."""

    def __init__(self, label: str, *, required: bool = True, help_text: str = "") -> None:
        super().__init__(
            label=label,
            required=required,
            widget=Day(),
            help_text=help_text,
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            error_messages={
                "required": f"Donnez une date ({label.lower()}). Exemple : 15/10/2026."
            },
        )

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(
                f"« {value} » n’est pas une date ({str(self.label).lower()}). Exemple : 15/10/2026."
            ) from None


class LogFilters(forms.Form):
    """What a DPO looks for in the log."""

    jour = DayField("Jour", required=False)
    lecteur = forms.CharField(label="Lecteur", required=False, max_length=80)
    acte = forms.ChoiceField(label="Acte", required=False, choices=[("", "Tous"), *Act.choices])
    dossier = forms.CharField(
        label="Dossier",
        required=False,
        max_length=300,
        help_text="La référence, ou l’adresse de la fiche.",
    )

    def clean_dossier(self) -> UUID | None:
        """The identifier, wherever it stands in what was pasted."""
        given: str = self.cleaned_data["dossier"].strip()
        if not given:
            return None
        found = _UUID.search(given)
        if found is None:
            raise forms.ValidationError(
                f"« {given} » ne contient pas de référence de dossier. Collez l’adresse de la "
                "fiche, ou la référence lue dans ce journal."
            )
        return UUID(found.group())

    def applied_to(self, lines: "QuerySet[Reading]", zone: ZoneInfo) -> "QuerySet[Reading]":
        """The lines looked for; a day is a day of the territory."""
        given = self.cleaned_data
        if given["jour"]:
            start = datetime.combine(given["jour"], time.min, zone)
            end = datetime.combine(given["jour"] + timedelta(days=1), time.min, zone)
            lines = lines.filter(at__gte=start, at__lt=end)
        if given["lecteur"]:
            lines = lines.filter(reader__icontains=given["lecteur"].strip())
        if given["acte"]:
            lines = lines.filter(act=given["acte"])
        if given["dossier"]:
            about = RawSQL("SELECT raccord_readings_of(%s)", [given["dossier"]])
            lines = lines.filter(pk__in=about)
        return lines


class _Signed(forms.Form):
    """What an agreement and a designation have in common."""

    reference = forms.CharField(label="Référence", max_length=120)
    signed_on = DayField("Signé le")
    starts_on = DayField(
        "Prend effet le", required=False, help_text="Par défaut, le jour de la signature."
    )
    ends_on = DayField("Prend fin le", required=False)

    def clean(self) -> dict[str, Any]:
        """Dates follow one another."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        signed, ends = given.get("signed_on"), given.get("ends_on")
        starts = given.get("starts_on") or signed
        if signed and starts and starts < signed:
            self.add_error(
                "starts_on",
                f"La prise d’effet ({starts:%d/%m/%Y}) précède la signature "
                f"({signed:%d/%m/%Y}). Corrigez l’une des deux dates.",
            )
        if starts and ends and ends < starts:
            self.add_error(
                "ends_on",
                f"La fin ({ends:%d/%m/%Y}) précède la prise d’effet ({starts:%d/%m/%Y}). "
                "Corrigez l’une des deux dates.",
            )
        return given


class AgreementForm(_Signed):
    """An agreement signed with a partner."""

    prefix = "accord"


class DesignationForm(_Signed):
    """A designation by the prefect."""

    prefix = "designation"
    membership = forms.ModelChoiceField(
        label="Personne désignée",
        queryset=Membership.objects.none(),
        required=False,
        empty_label="La structure entière",
    )
    departement = forms.ModelChoiceField(
        label="Territoire",
        queryset=Departement.objects.none(),
        required=False,
        empty_label="Toute l’académie",
    )

    def __init__(self, structure: Structure, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people: Any = self.fields["membership"]
        people.queryset = (
            Membership.objects.in_force()
            .filter(structure=structure)
            .select_related("user")
            .order_by("user__last_name", "id")
        )
        people.label_from_instance = lambda m: f"{m.user}, {m.get_role_display()}"
        areas: Any = self.fields["departement"]
        areas.queryset = Departement.objects.filter(academie_id=structure.academie_id)


class EndForm(forms.Form):
    """When an agreement or a designation ends."""

    ends_on = DayField("Prend fin le")
