"""« Signaler à la DSDEN »: before 16, nobody else is told."""

from typing import Any

from django import forms

from raccord.followup.forms import ActForm
from raccord.followup.models import TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.services.instructing import tell_dsden
from raccord.followup.views.acts import ActView


class TellDsdenForm(ActForm):
    """Who else knows."""

    mayor_told = forms.BooleanField(
        label="Le maire de la commune où vit ce jeune est prévenu aussi",
        required=False,
        help_text="Le maire tient la liste des enfants soumis à l’obligation d’instruction.",
    )


class TellDsden(ActView):
    """The DASEN and the mayor."""

    act, form_class = Act.TELL_DSDEN, TellDsdenForm
    title, button = "Signaler à la DSDEN", "Signaler à la DSDEN"
    done = "Ce jeune est signalé à la DSDEN."
    intro = (
        "Avant 16 ans, l’instruction est obligatoire (code de l’éducation, L. 131-1). La direction "
        "des services départementaux lit ce dossier dans sa liste, avec vos appels. Il quitte "
        "votre liste « À vérifier » ; vous gardez le contact avec la famille, et vous pourrez le "
        "reprendre. Aucun autre partenaire ne le reçoit."
    )

    def save(self, form: Any) -> TimelineEvent:
        return tell_dsden(self.actor, **self.given(form))
