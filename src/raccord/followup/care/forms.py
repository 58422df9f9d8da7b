"""Forms of the care: closed lists, and a sentence at the most."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from raccord.followup.care.models import Proposal, Vacancy
from raccord.followup.care.vocabulary import (
    BEFORE_16,
    MandateResult,
    Obstacle,
    Project,
    ProposalStatus,
    Schooling,
    SolutionKind,
    Wish,
)
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.forms import ActForm, choices_of, day_field, working_day
from raccord.followup.models import Case
from raccord.followup.relay.forms import ReceiverForm, note_field
from raccord.followup.relay.routing import Suggestion
from raccord.followup.vocabulary import Lane, PartyKind, Proof, SituationKind

#: What a human can have seen: a register speaks by itself.
_PROOFS = choices_of(Proof, without=(Proof.REGISTER,))


def course_field(label: str) -> forms.CharField:
    """A course or a trade, which says nothing else."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=120,
        validators=[validate_note],
        help_text="Par exemple « CAP Cuisine » ou « 2de professionnelle ».",
    )


def solution_field(label: str, case: Case) -> forms.ChoiceField:
    """What can be recommended or proposed to this young person."""
    young = case.lane == Lane.UNDER_16
    out = tuple(kind for kind in SolutionKind if young and kind not in BEFORE_16)
    return forms.ChoiceField(
        label=label,
        choices=choices_of(SolutionKind, without=out),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez dans la liste."},
    )


class InterviewForm(ActForm):
    """Where schooling stands, the project, the wishes, what stands in the way."""

    schooling = forms.ChoiceField(
        label="Où en est sa scolarité ?",
        choices=choices_of(Schooling),
        widget=forms.RadioSelect,
        error_messages={"required": "Dites où en est sa scolarité."},
    )
    project = forms.ChoiceField(
        label="Son projet",
        choices=choices_of(Project),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ; au besoin « Pas encore de projet »."},
    )
    course = course_field("Formation ou métier visé (facultatif)")
    wishes = forms.MultipleChoiceField(
        label="Ce que ce jeune souhaite (facultatif)",
        required=False,
        choices=choices_of(Wish),
        widget=forms.CheckboxSelectMultiple,
    )
    obstacles = forms.MultipleChoiceField(
        label="Ce qui le freine (facultatif)",
        required=False,
        choices=choices_of(Obstacle),
        widget=forms.CheckboxSelectMultiple,
        help_text="Rien d’autre que cette liste ne s’écrit : ni santé, ni famille, ni origine.",
    )
    on = day_field("Entretien tenu le")
    note = note_field("Un mot (facultatif)")

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}


class RecommendForm(ActForm):
    """One line from the list."""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = solution_field("Que préconise le groupe ?", case)
        self.fields["course"] = course_field("Formation visée (facultatif)")
        self.fields["note"] = note_field("Un mot (facultatif)")


class MandateForm(ReceiverForm):
    """Who acts, and by when they report."""

    report_by = day_field("Compte rendu attendu le")
    note = note_field("Un mot à la structure mandatée (facultatif)")

    field_order = ("to", "report_by", "note")

    def __init__(self, *args: Any, case: Case, own: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        following = [
            Suggestion(p.structure, "suit déjà ce jeune")
            for p in case.parties.all()
            if p.until is None and p.kind in (PartyKind.HOLDER, PartyKind.ASSOCIATED)
        ]
        known = {one.structure.pk for one in following}
        others = [one for one in self.suggestions if one.structure.pk not in known]
        self.suggestions = [s for s in following + others if s.structure.pk not in own]
        self.fields["to"].choices = [
            (str(s.structure.pk), s.structure.name) for s in self.suggestions
        ]

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """In a month."""
        return {"report_by": working_day(timezone.localdate(), 30)}


class ReportForm(ActForm):
    """What the mandated structure did."""

    result = forms.ChoiceField(
        label="Où en êtes-vous avec ce jeune ?",
        choices=choices_of(MandateResult),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que vous pouvez dire aujourd’hui."},
    )
    note = note_field("Un mot (facultatif)")


class ProposeForm(ActForm):
    """A solution, where it would be."""

    def __init__(
        self, *args: Any, case: Case, vacancy: Vacancy | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.vacancy = vacancy
        self.fields["kind"] = solution_field("Quelle solution proposez-vous ?", case)
        self.fields["course"] = course_field("Formation ou poste (facultatif)")
        self.fields["place"] = place_field("Où ? (facultatif)")

    def values(self) -> dict[str, Any]:
        """With the structure that has the place."""
        found = super().values()
        if self.vacancy is None:
            return found
        structure = self.vacancy.structure
        kept = "" if found["place"] == structure.name else found["place"]
        return found | {"place": kept, "structure": structure, "vacancy": self.vacancy}


def place_field(label: str) -> forms.CharField:
    """An establishment, an employer."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=160,
        help_text="Nom de l’établissement, de l’entreprise ou de la structure.",
    )


class AnswerForm(ActForm):
    """What the young person says of it."""

    said = forms.ChoiceField(
        label="Que répond ce jeune ?",
        choices=[
            (ProposalStatus.ACCEPTED, "Il accepte"),
            (ProposalStatus.PAUSED, "Pas maintenant : il a besoin de souffler"),
            (ProposalStatus.REFUSED, "Il refuse"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez sa réponse."},
    )
    until = day_field(
        "En reparler le",
        required=False,
        hint="Seulement pour « Pas maintenant » : le dossier est en pause jusqu’à ce jour.",
    )


class StartForm(ActForm):
    """It began: since when, on what proof, where, until when."""

    starts_on = day_field("Commencé le")
    proof = forms.ChoiceField(
        label="Sur quoi repose ce début ?",
        choices=_PROOFS,
        widget=forms.RadioSelect,
        help_text="Un justificatif clôt le dossier ; une déclaration le laisse « à confirmer ».",
        error_messages={"required": "Dites sur quoi repose ce début."},
    )
    place = place_field("Où ?")
    ends_on = day_field(
        "Fin prévue",
        required=False,
        hint="Si vous la connaissez : la situation sera à confirmer ce jour-là.",
    )

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal

    def values(self) -> dict[str, Any]:
        """A place typed over the structure replaces it."""
        found = super().values()
        structure = self.proposal.structure
        if structure and found["place"] == structure.name:
            found["place"] = ""
        return found


class EndForm(ActForm):
    """Over as expected, or broken off."""

    broken = forms.TypedChoiceField(
        label="Comment s’est-elle terminée ?",
        choices=[("non", "À son terme, comme prévu"), ("oui", "Avant son terme")],
        coerce=lambda value: value == "oui",
        widget=forms.RadioSelect,
        help_text="Avant son terme, le dossier revient dans la liste « À vérifier ».",
        error_messages={"required": "Dites si elle est allée à son terme."},
    )
    on = day_field("Le")

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}


class ReviewForm(ActForm):
    """Where they are, months later."""

    situation = forms.ChoiceField(
        label="Où en est ce jeune ?",
        choices=choices_of(SituationKind),
        widget=forms.RadioSelect,
        help_text="« Sans solution » rouvre le dossier.",
        error_messages={"required": "Choisissez ; au besoin « Situation inconnue »."},
    )
    proof = forms.ChoiceField(
        label="Sur quoi repose cette réponse ?",
        required=False,
        choices=_PROOFS,
        widget=forms.RadioSelect,
    )
    place = place_field("Où, si cela a changé ? (facultatif)")

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """The situation that is held true."""
        known = case.situation != SituationKind.UNKNOWN
        return {"situation": case.situation if known else None}


def first_of_start(proposal: Proposal) -> dict[str, Any]:
    """What is known of the place."""
    where = proposal.place or (proposal.structure.name if proposal.structure else "")
    return {"starts_on": timezone.localdate(), "place": where}


def first_of_answer() -> dict[str, Any]:
    """In a month, when it is « pas maintenant »."""
    return {"until": timezone.localdate() + timedelta(days=30)}
