"""Forms of the support group's room."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from dsfr.forms import DsfrBaseForm

from raccord.followup.care.vocabulary import SolutionKind
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.forms import ActForm, choices_of, day_field
from raccord.followup.meetings.services import REPORT_IN
from raccord.followup.models import Case
from raccord.followup.relay.forms import searched
from raccord.followup.relay.routing import Suggestion, suggested, with_bars
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

#: Whom a group mandates, the first one first: those who follow, whatever the stage.
_MANDATED = (Kind.MISSION_LOCALE, Kind.MLDS, Kind.CIO, Kind.E2C, Kind.EMPLOYMENT_PLATFORM)


class PlanForm(DsfrBaseForm):  # type: ignore[misc]
    """When, where, for which group."""

    group = forms.TypedChoiceField(label="Groupe", coerce=int)
    on = day_field("Le")
    starts_at = forms.TimeField(
        label="À (facultatif)",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": "Cette heure ne se lit pas : écrivez-la 14:00, par exemple."},
    )
    place = forms.CharField(
        label="Lieu (facultatif)", required=False, max_length=120, validators=[validate_note]
    )

    def __init__(self, *args: Any, groups: list[Structure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["group"]
        choice.choices = [(one.pk, one.name) for one in groups]
        if len(groups) == 1:
            choice.initial, choice.widget = groups[0].pk, forms.HiddenInput()


class DecisionForm(ActForm):
    """The préconisation in one line, the mandate on the next."""

    kind = forms.ChoiceField(
        label="Préconisation",
        choices=[("", "Choisir…"), *choices_of(SolutionKind)],
        error_messages={"required": "Choisissez ce que le groupe préconise."},
    )
    course = forms.CharField(
        label="Formation visée (facultatif)",
        required=False,
        max_length=120,
        validators=[validate_note],
    )
    structure = forms.ChoiceField(
        label="Mandat à",
        required=False,
        widget=forms.RadioSelect,
        error_messages={
            "invalid_choice": "Cette structure n’est plus proposée : choisissez de nouveau."
        },
    )
    report_by = day_field("Compte rendu attendu le", required=False)

    def __init__(
        self, *args: Any, case: Case, group: Structure, words: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        found = suggested(case, _MANDATED)
        if case.holder_id != group.pk:
            holder = Suggestion(case.holder, "suit ce jeune aujourd’hui")
            found = [*with_bars(case, [holder]), *found]
        known = {one.structure.pk for one in found}
        found += [one for one in searched(case, words) if one.structure.pk not in known]
        self.suggestions = [one for one in found if one.structure.pk != group.pk]
        choice: Any = self.fields["structure"]
        choice.choices = [("", "Aucun mandat")] + [
            (str(one.structure.pk), one.structure.name) for one in self.suggestions
        ]
        if not self.is_bound:
            self.initial.setdefault("report_by", timezone.localdate() + REPORT_IN)
            if words:
                self.initial.setdefault("structure", "")

    def mandated(self) -> Structure | None:
        """The structure that was chosen."""
        chosen = self.cleaned_data["structure"]
        return next((s.structure for s in self.suggestions if str(s.structure.pk) == chosen), None)

    def clean(self) -> dict[str, Any]:
        """A mandate is reported by a day."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("structure") and not found.get("report_by") and "report_by" not in self.errors:
            self.add_error("report_by", "Donnez le jour où le compte rendu est attendu.")
        return found


def proposed_day() -> Any:
    """In two weeks: the time to write to everybody."""
    return timezone.localdate() + timedelta(days=14)
