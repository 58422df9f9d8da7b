"""How often somebody wants to be told by e-mail."""

from django import forms

from raccord.followup.notifications.models import Rhythm


class RhythmForm(forms.Form):
    """One choice."""

    rhythm = forms.ChoiceField(
        label="Recevoir un courriel",
        choices=Rhythm.choices,
        error_messages={
            "required": "Choisissez à quel rythme vous voulez être prévenu.",
            "invalid_choice": "Ce rythme n’existe pas : choisissez-en un dans la liste.",
        },
    )
