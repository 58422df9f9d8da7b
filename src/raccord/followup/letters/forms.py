"""Forms of letters and of answers, in French; what was typed is never lost."""

import re
from typing import Any

from django import forms
from django.utils import timezone
from dsfr.forms import DsfrBaseForm

from raccord.followup.letters.answering import clean_place, recall_days
from raccord.followup.letters.vocabulary import Audience, Medium, Moment, Purpose
from raccord.followup.vocabulary import Proof, SituationKind
from raccord.matching.wording import day

_PHONE = re.compile(r"^(?:\+|00)?[0-9](?:[ .\-()]?[0-9]){8,14}$")


class PrepareForm(DsfrBaseForm):  # type: ignore[misc]
    """What to send, and by what."""

    purpose = forms.ChoiceField(
        label="Pourquoi écrire",
        choices=[(p.value, p.label[:1].upper() + p.label[1:]) for p in Purpose],
        widget=forms.RadioSelect,
        initial=Purpose.FIRST_CONTACT,
    )
    medium = forms.ChoiceField(
        label="Par quel moyen", widget=forms.RadioSelect, initial=Medium.LETTER
    )

    def __init__(self, *args: Any, media: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["medium"].choices = media


class TextForm(DsfrBaseForm):  # type: ignore[misc]
    """A text of one's own structure."""

    subject = forms.CharField(label="Objet", max_length=120, required=False)
    body = forms.CharField(label="Texte", max_length=4000, widget=forms.Textarea({"rows": 16}))


class ConfirmForm(DsfrBaseForm):  # type: ignore[misc]
    """An enrolment that was declared."""

    kind = forms.ChoiceField(
        label="Quelle situation",
        widget=forms.RadioSelect,
        choices=[
            (kind.value, kind.label[:1].upper() + kind.label[1:])
            for kind in (
                SituationKind.SCHOOLED,
                SituationKind.AGRICULTURE,
                SituationKind.APPRENTICE,
                SituationKind.TRAINEE,
                SituationKind.HORS_CONTRAT,
                SituationKind.DISTANCE,
                SituationKind.ABROAD,
                SituationKind.JOB,
                SituationKind.CIVIC_SERVICE,
            )
        ],
        initial=SituationKind.SCHOOLED,
    )
    proof = forms.ChoiceField(
        label="Sur quoi cela repose",
        help_text="Une déclaration seule laisse le dossier « à confirmer ».",
        widget=forms.RadioSelect,
        choices=[(p.value, p.label[:1].upper() + p.label[1:]) for p in Proof],
        initial=Proof.DECLARATION,
    )


class PlaceForm(DsfrBaseForm):  # type: ignore[misc]
    """« Je suis inscrit à… »."""

    place = forms.CharField(
        label="Nom de l’établissement ou de l’entreprise, et ville",
        help_text="Par exemple : lycée Les Bourdonnières, Nantes.",
        max_length=120,
        error_messages={"required": "Écrivez le nom et la ville : c’est ce que nous cherchons."},
    )

    def clean_place(self) -> str:
        """As it may be kept."""
        return clean_place(self.cleaned_data["place"])


class CallBackForm(DsfrBaseForm):  # type: ignore[misc]
    """« Rappelez-moi »."""

    phone = forms.CharField(
        label="À quel numéro",
        max_length=30,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": "Écrivez le numéro où appeler."},
    )
    recall_on = forms.TypedChoiceField(label="Quel jour", coerce=str)
    moment = forms.ChoiceField(
        label="À quel moment",
        choices=[(m.value, m.label[:1].upper() + m.label[1:]) for m in Moment],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = recall_days(timezone.localdate())
        self.fields["recall_on"].choices = [(one.isoformat(), day(one)) for one in days]

    def clean_phone(self) -> str:
        """A number that can be dialled."""
        phone = " ".join(self.cleaned_data["phone"].split())
        if not _PHONE.match(phone):
            raise forms.ValidationError(
                f"« {phone} » n’est pas un numéro complet. Écrivez-le comme 06 12 34 56 78."
            )
        return phone


class NotNowForm(DsfrBaseForm):  # type: ignore[misc]
    """« Pas maintenant »."""

    weeks = forms.TypedChoiceField(
        label="Quand reprendre contact",
        coerce=int,
        widget=forms.RadioSelect,
        choices=[(2, "Dans deux semaines"), (4, "Dans un mois"), (8, "Dans deux mois")],
        initial=4,
    )


class NothingForm(DsfrBaseForm):  # type: ignore[misc]
    """« Je cherche », « ce message ne me concerne pas »: nothing to add."""


MEDIA = {m.value: m.label for m in Medium}
AUDIENCES = {a.value: a.label for a in Audience}
