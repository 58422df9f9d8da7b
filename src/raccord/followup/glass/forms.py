"""Forms of what lies beyond one's own scope."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from dsfr.forms import DsfrBaseForm

from raccord.followup.forbidden_matters import validate_note
from raccord.followup.forms import day_field


class SearchForm(DsfrBaseForm):  # type: ignore[misc]
    """Name, first name and birth date: all three, so that nobody browses."""

    last_name = forms.CharField(
        label="Nom de famille",
        max_length=100,
        error_messages={"required": "Donnez le nom de famille, entier."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    first_name = forms.CharField(
        label="Prénom",
        max_length=100,
        error_messages={"required": "Donnez le prénom."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_date = day_field("Date de naissance")

    def clean_birth_date(self) -> date:
        """Of somebody who may be followed: born, and less than thirty years ago."""
        found: date = self.cleaned_data["birth_date"]
        today = timezone.localdate()
        if found > today or found.year < today.year - 30:
            raise ValidationError(
                f"Le {found:%d/%m/%Y} n’est pas la date de naissance d’un jeune : vérifiez l’année."
            )
        return found


class OpenForm(DsfrBaseForm):  # type: ignore[misc]
    """Why."""

    reason = forms.CharField(
        label="Pourquoi ouvrez-vous ce dossier ?",
        max_length=280,
        validators=[validate_note],
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 280}),
        help_text="Une phrase, que liront la structure qui suit ce jeune, le délégué à la "
        "protection des données, et ce jeune s’il demande son dossier.",
        error_messages={"required": "Dites pourquoi : sans raison écrite, rien ne s’ouvre."},
    )


class ExamineForm(DsfrBaseForm):  # type: ignore[misc]
    """What comes of it."""

    note = forms.CharField(
        label="Ce qui ressort de votre examen",
        max_length=280,
        validators=[validate_note],
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 280}),
        help_text="Par exemple « raison vérifiée auprès du CIO » ou « raison insuffisante : "
        "rappel fait ». Écrit une fois ; ce jeune le lit s’il demande son dossier.",
        error_messages={"required": "Dites en un mot ce qui ressort de votre examen."},
    )
