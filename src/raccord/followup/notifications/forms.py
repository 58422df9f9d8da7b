"""How often somebody wants to be told by e-mail."""

from django import forms
from dsfr.forms import DsfrBaseForm

from raccord.followup.notifications.models import Rhythm


class RhythmForm(DsfrBaseForm):  # type: ignore[misc]
    """One choice."""

    rhythm = forms.ChoiceField(
        label="Recevoir un courriel",
        choices=Rhythm.choices,
        error_messages={
            "required": "Choisissez à quel rythme vous voulez être prévenu.",
            "invalid_choice": "Ce rythme n’existe pas : choisissez-en un dans la liste.",
        },
    )
