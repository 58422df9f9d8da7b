"""Forms of the relay."""

from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from raccord.followup.forbidden_matters import validate_note
from raccord.followup.forms import ActForm, choices_of, day_field
from raccord.followup.models import Case
from raccord.followup.relay.linking import reach
from raccord.followup.relay.mandates import MANDATES
from raccord.followup.relay.routing import Suggestion, suggested, with_bars
from raccord.followup.relay.vocabulary import (
    AssociationReason,
    HandoverReason,
    InformedBy,
    InformedWho,
    ReturnReason,
)
from raccord.territory.geography import folded_name
from raccord.territory.kinds import SCHOOLS, Kind
from raccord.territory.models import Structure

#: How many answers a search for a structure shows.
_SHOWN = 8
#: Who is associated to several cases at once: the group first.
_TOGETHER = (Kind.PSAD, Kind.MLDS, Kind.CIO, Kind.MISSION_LOCALE, Kind.EMPLOYMENT_PLATFORM)


def note_field(label: str) -> forms.CharField:
    """A sentence, warned about, and read for forbidden matters before anything is stored."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=280,
        validators=[validate_note],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Une phrase. Rien sur la santé, la famille, l’origine ni la justice : ce jeune a "
        "le droit de la lire.",
    )


def searched(case: Case, words: str, *, carries: bool = True) -> list[Suggestion]:
    """Structures that may be handed cases, by words of their name; two queries and their bars."""
    asked = folded_name(words).split()
    if not asked:
        return []
    condition = Q()
    for word in asked:
        condition &= Q(name_normalised__contains=word)
    kinds = [*MANDATES, *SCHOOLS]
    pool = Structure.objects.open().filter(condition, kind__in=kinds).exclude(pk=case.holder_id)
    pool = pool.select_related("commune", "house").order_by("name", "pk")[:_SHOWN]
    return with_bars(
        case,
        [
            Suggestion(s, Kind(s.kind).label + (f", {s.commune.name}" if s.commune else ""))
            for s in pool
        ],
        carries=carries,
    )


class ReceiverForm(ActForm):
    """To whom: the suitable ones first, with why, then those of a search by name."""

    #: Whether the one that is chosen will carry the case, or join those who follow it.
    carries = True

    def __init__(
        self,
        *args: Any,
        case: Case,
        words: str = "",
        kinds: tuple[Kind, ...] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        self.words = words
        found = suggested(case, kinds, carries=self.carries)
        known = {s.structure.pk for s in found}
        others = searched(case, words, carries=self.carries)
        self.suggestions = found + [s for s in others if s.structure.pk not in known]
        if self.carries:
            told = reach(case, [s.structure for s in self.suggestions if not s.barred])
            self.suggestions = [
                replace(s, reach=told.get(s.structure.pk, "")) for s in self.suggestions
            ]
        self.fields["to"] = forms.ChoiceField(
            label="À qui ?",
            widget=forms.RadioSelect,
            choices=[(str(s.structure.pk), s.structure.name) for s in self.suggestions],
            error_messages={
                "required": "Choisissez la structure, ou cherchez-en une autre par son nom.",
                "invalid_choice": "Cette structure n’est plus proposée : choisissez de nouveau.",
            },
        )

    def receiver(self) -> Structure:
        """The structure that was chosen."""
        chosen = self.cleaned_data["to"]
        return next(s.structure for s in self.suggestions if str(s.structure.pk) == chosen)


class HandOverForm(ReceiverForm):
    """The relay: to whom, what for, what the young person knows."""

    reason = forms.ChoiceField(
        label="Pour quoi ?",
        choices=choices_of(HandoverReason, without=(HandoverReason.SILENCE,)),
        error_messages={"required": "Choisissez ce que vous attendez de cette structure."},
    )
    youth_knows = forms.BooleanField(
        label="Ce jeune sait que son dossier est transmis", required=False
    )
    note = note_field("Un mot à celui qui reçoit (facultatif)")

    field_order = ("to", "reason", "youth_knows", "note")


class SendBackForm(ActForm):
    """Why it goes back to the sender."""

    reason = forms.ChoiceField(
        label="Pourquoi ?",
        choices=choices_of(ReturnReason),
        widget=forms.RadioSelect,
        error_messages={"required": "Dites pourquoi : l’envoyeur le lira."},
    )


class RedirectForm(ReceiverForm):
    """A better receiver, and why."""

    reason = forms.ChoiceField(
        label="Pourquoi ?",
        choices=choices_of(ReturnReason),
        error_messages={"required": "Dites pourquoi : l’envoyeur le lira."},
    )


class AssociateForm(ReceiverForm):
    """Who joins the follow-up."""

    carries = False
    reason = forms.ChoiceField(
        label="Pourquoi ?",
        choices=choices_of(AssociationReason, without=(AssociationReason.ALSO_LEFT,)),
        error_messages={"required": "Dites pourquoi cette structure rejoint le suivi."},
    )


class AssociateTogetherForm(AssociateForm):
    """The same structure for several cases: the ones that suit the first of them."""

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, case=case, kinds=_TOGETHER)


class InformForm(ActForm):
    """What the person was told."""

    who = forms.ChoiceField(
        label="Qui a été informé ?",
        choices=choices_of(InformedWho),
        widget=forms.RadioSelect,
        error_messages={"required": "Dites qui a été informé."},
    )
    by = forms.ChoiceField(
        label="Comment ?",
        choices=choices_of(InformedBy),
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment."},
    )
    on = day_field("Le")
    objects_to = forms.BooleanField(
        label="S’oppose à la transmission",
        required=False,
        help_text="Rien ne partira hors de l’Éducation nationale avant que le délégué à la "
        "protection des données l’ait examiné.",
    )

    @staticmethod
    def first_values(case: Case) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}


class QuestionForm(ActForm):
    """A short question to the holder."""

    text = forms.CharField(
        label="Votre question",
        max_length=280,
        validators=[validate_note],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez votre question."},
    )


class ReplyForm(ActForm):
    """Its answer."""

    text = forms.CharField(
        label="Votre réponse",
        max_length=280,
        validators=[validate_note],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez votre réponse."},
    )


class AssignForm(ActForm):
    """A colleague of the structure."""

    user = forms.TypedChoiceField(
        label="À qui ?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un collègue."},
    )

    def __init__(self, *args: Any, colleagues: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [(pk, name) for pk, name in colleagues]


def _muted(suggestion: Suggestion, mute: set[int]) -> str:
    """Enough for a line of a list."""
    if suggestion.structure.pk not in mute:
        return ""
    return " ; sans compte ni boîte, personne ne pourra répondre"


class TogetherForm(forms.Form):
    """Several cases, each to the structure that suits it."""

    reason = forms.ChoiceField(
        label="Pour quoi ?",
        choices=choices_of(HandoverReason, without=(HandoverReason.SILENCE,)),
        error_messages={"required": "Choisissez ce que vous attendez de ces structures."},
    )

    def __init__(self, *args: Any, rows: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        structures = [s.structure for row in rows for s in row.suggestions if not s.barred]
        told = reach(rows[0].case, structures) if rows else {}
        mute = {s.pk for s in structures if s.pk in told and not s.email}
        for row in rows:
            open_ones = [s for s in row.suggestions if not s.barred]
            self.fields[f"to-{row.case.pk}"] = forms.ChoiceField(
                label=f"{row.case.person.last_name} {row.case.person.first_name}",
                choices=[
                    (str(s.structure.pk), f"{s.structure.name} ({s.why}{_muted(s, mute)})")
                    for s in open_ones
                ],
                error_messages={
                    "required": "Aucune structure ne peut recevoir ce dossier : décochez-le, ou "
                    "passez le relais depuis sa fiche.",
                    "invalid_choice": "Cette structure n’est plus proposée : choisissez-en une.",
                },
            )

    def receivers(self) -> dict[Any, Structure]:
        """Each case and the structure chosen for it."""
        return {
            row.case.pk: next(
                s.structure
                for s in row.suggestions
                if str(s.structure.pk) == self.cleaned_data[f"to-{row.case.pk}"]
            )
            for row in self.rows
        }
