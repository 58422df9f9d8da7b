"""Forms of the acts. What was typed is never lost, and errors stand beside their field."""

import json
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from dsfr.forms import DsfrBaseForm

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.models import Case
from raccord.followup.rights import may_declare
from raccord.followup.services.contacting import NEXT_IN_DAYS
from raccord.followup.telling import capital
from raccord.followup.vocabulary import (
    Answerer,
    Channel,
    ContactResult,
    DepartureOrigin,
    FalseAlarm,
    LeavingReason,
    Proof,
    SituationKind,
)

PHONE = RegexValidator(
    r"^\+?[\d .\-()]{6,20}$",
    "Ce numéro ne peut pas être composé : chiffres et espaces seulement, par exemple "
    "06 12 34 56 78.",
)


def choices_of(vocabulary: Any, *, without: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Of a vocabulary, for a field, with a capital."""
    return [(value, capital(label)) for value, label in vocabulary.choices if value not in without]


def day_field(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    """A date, with the calendar of the browser."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=hint,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": "Donnez une date.",
            "invalid": "Cette date ne se lit pas : écrivez-la jj/mm/aaaa, par exemple 03/11/2026.",
        },
    )


class ActForm(DsfrBaseForm):  # type: ignore[misc]
    """What every form of an act holds: the version of the case that was on screen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def values(self) -> dict[str, Any]:
        """What the service receives."""
        return {k: v for k, v in self.cleaned_data.items() if k != "version"}


class CallForm(ActForm):
    """Three taps: who answered, the result, what next."""

    answerer = forms.ChoiceField(
        label="Qui a répondu ?",
        choices=choices_of(Answerer),
        widget=forms.RadioSelect,
        error_messages={"required": "Indiquez qui a répondu ; sinon « Personne »."},
    )
    result = forms.ChoiceField(
        label="Résultat",
        choices=choices_of(ContactResult),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce qu’a donné cet appel."},
    )
    next_on = day_field(
        "Reprendre le", required=False, hint="Laissez vide s’il n’y a rien à faire."
    )
    channel = forms.ChoiceField(label="Moyen", choices=choices_of(Channel), initial=Channel.CALL)
    on = day_field("Date")
    note = forms.CharField(
        label="Une phrase, si elle aide à agir",
        required=False,
        max_length=280,
        validators=[validate_note],
        help_text="N’écrivez rien sur la santé, la famille, l’origine, la religion, la justice ou "
        "la situation sociale : ce jeune a le droit de lire cette note.",
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 280}),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        age = case.person.age()
        if age is not None and age >= 18:
            # From 18 the young person is called, not the parents.
            self.fields["answerer"].choices = [
                c for c in choices_of(Answerer) if c[0] != Answerer.REPRESENTATIVE
            ]

    @property
    def proposals(self) -> str:
        """When to take up again after each result, for the script that proposes it."""
        today = timezone.localdate()
        dates = {r: working_day(today, days).isoformat() for r, days in NEXT_IN_DAYS.items()}
        return json.dumps(dates)

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """A call of today, to take up again in two days."""
        today = timezone.localdate()
        return {"channel": Channel.CALL, "on": today, "next_on": working_day(today, 2)}


def working_day(start: date, days: int) -> date:
    """So many days later, never a Saturday or a Sunday."""
    found = start + timedelta(days=days)
    return found + timedelta(days={5: 2, 6: 1}.get(found.weekday(), 0))


class SituationForm(ActForm):
    """Where this young person is now, how it is known, since when."""

    kind = forms.ChoiceField(
        label="Situation",
        choices=choices_of(SituationKind),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une situation ; au besoin « Situation inconnue »."},
    )
    proof = forms.ChoiceField(
        label="Sur quoi repose cette situation ?",
        required=False,
        choices=choices_of(Proof),
        widget=forms.RadioSelect,
        help_text="Un justificatif clôt le dossier ; une déclaration le laisse « à confirmer ».",
    )
    place = forms.CharField(
        label="Où ?",
        required=False,
        max_length=160,
        help_text="Nom de l’établissement, de l’entreprise d’accueil ou de la structure.",
    )
    since = day_field("Depuis le", required=False)
    confirmed_on = day_field("Constaté le")

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """What is known already."""
        known = case.situation != SituationKind.UNKNOWN
        return {
            "kind": case.situation if known else None,
            "proof": case.situation_proof,
            "since": case.situation_since,
            "confirmed_on": timezone.localdate(),
        }


class DetailsForm(ActForm):
    """How to reach a young person and who answers for them."""

    phone = forms.CharField(
        label="Téléphone du jeune",
        required=False,
        max_length=30,
        validators=[PHONE],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="Courriel du jeune",
        required=False,
        max_length=120,
        error_messages={"invalid": "Ce courriel ne se lit pas : il manque peut-être le « @ »."},
    )
    address = forms.CharField(label="Adresse", required=False, max_length=240)
    postcode = forms.CharField(
        label="Code postal",
        required=False,
        max_length=10,
        validators=[RegexValidator(r"^\d{5}$", "Un code postal a cinq chiffres : 44000.")],
    )
    ROWS: ClassVar = (1, 2)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rank in self.ROWS:
            self.fields[f"name_{rank}"] = forms.CharField(
                label=f"Nom du représentant légal {rank}", required=False, max_length=160
            )
            self.fields[f"phone_{rank}"] = forms.CharField(
                label=f"Téléphone du représentant légal {rank}",
                required=False,
                max_length=30,
                validators=[PHONE],
                widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
            )
            self.fields[f"email_{rank}"] = forms.EmailField(
                label=f"Courriel du représentant légal {rank}", required=False, max_length=120
            )
        for name in self.fields:
            self.fields[name].widget.attrs.setdefault("class", "fr-input")

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """What is held already."""
        person = case.person
        details = getattr(person, "details", None)
        found = {n: getattr(details, n, "") for n in ("phone", "email", "address", "postcode")}
        for one in person.representatives.all():
            if one.rank in DetailsForm.ROWS:
                found |= {f"{n}_{one.rank}": getattr(one, n) for n in ("name", "phone", "email")}
        return found

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("phone", "email", "address", "postcode")
        return {
            "details": {n: given[n] for n in names},
            "representatives": [
                {n: given[f"{n}_{rank}"] for n in ("name", "phone", "email")} for rank in self.ROWS
            ],
        }


class ReasonForm(ActForm):
    """Why they left."""

    reason = forms.ChoiceField(
        label="Pourquoi ce jeune est-il parti ?",
        choices=choices_of(LeavingReason),
        widget=forms.RadioSelect,
        help_text="Facultatif, et rien d’autre que cette liste n’est gardé.",
        error_messages={"required": "Choisissez un motif ; au besoin « Non connu »."},
    )

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """The reason that is known."""
        reasons = [d.reason for d in case.departures.all() if d.reason]
        return {"reason": reasons[0]} if reasons else {}


class FalseAlarmForm(ActForm):
    """Which kind of error it was."""

    which = forms.ChoiceField(
        label="Pourquoi ce nom n’aurait-il pas dû être sur la liste ?",
        choices=choices_of(FalseAlarm),
        widget=forms.RadioSelect,
        help_text="Votre réponse apprend à la comparaison à ne plus se tromper ainsi.",
        error_messages={"required": "Choisissez ce qui explique cette fausse alerte."},
    )


class PauseForm(ActForm):
    """Until when."""

    until = day_field(
        "Reprendre le",
        hint="Le dossier revient de lui-même dans la liste ce jour-là, quatre mois au plus tard.",
    )

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """In a month."""
        return {"until": working_day(timezone.localdate(), 30)}


class ConfirmForm(ActForm):
    """Nothing to type: a page that says what will happen."""


class DeclareForm(DsfrBaseForm):  # type: ignore[misc]
    """A pupil of the school's own register."""

    origin = forms.ChoiceField(
        label="Que se passe-t-il ?",
        choices=[
            (DepartureOrigin.NO_LONGER_COMES, "Ne vient plus"),
            (DepartureOrigin.NEVER_CAME, "N’est jamais venu"),
            (DepartureOrigin.ANNOUNCED, "Annonce son départ"),
            (DepartureOrigin.FAILED_EXAM, "A échoué à l’examen et n’est pas revenu"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites ce qui vous fait signaler ce jeune."},
    )
    school = forms.ChoiceField(label="Établissement")
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
    level = forms.CharField(
        label="Classe",
        required=False,
        max_length=60,
        help_text="Niveau et filière, par exemple « 1re ASSP ».",
    )
    left_on = day_field("Depuis quand, ou à partir de quand ?", required=False)
    phone = forms.CharField(
        label="Téléphone du jeune", required=False, max_length=30, validators=[PHONE]
    )
    representative_name = forms.CharField(
        label="Représentant légal", required=False, max_length=160
    )
    representative_phone = forms.CharField(
        label="Téléphone du représentant légal", required=False, max_length=30, validators=[PHONE]
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schools = [s for s in actor.schools if may_declare(actor, s.pk)]
        choices = [(str(s.pk), s.name) for s in self.schools]
        self.fields["school"].choices = choices
        if len(choices) == 1:
            self.fields["school"].initial = choices[0][0]
            self.fields["school"].widget = forms.HiddenInput()

    def values(self) -> dict[str, Any]:
        """What the service receives."""
        found = dict(self.cleaned_data)
        chosen = found.pop("school")
        return found | {"school": next(s for s in self.schools if str(s.pk) == chosen)}
