"""Addresses of the follow-up. Names of acts are those of `rights.Act`."""

from django.urls import include, path

from raccord.followup.rights import Act
from raccord.followup.views import acts, instructing, lists, sheets, together, training

app_name = "followup"

urlpatterns = [
    path("", include("raccord.followup.letters.urls")),
    path("", include("raccord.followup.exports.urls")),
    path("", include("raccord.followup.relay.urls")),
    path("", include("raccord.followup.care.urls")),
    path("", include("raccord.followup.meetings.urls")),
    path("", include("raccord.followup.glass.urls")),
    path("", include("raccord.followup.reporting.urls")),
    path("", include("raccord.followup.desk.urls")),
    path("", include("raccord.followup.notifications.urls")),
    path("", lists.home, name="home"),
    path("liste/", lists.listed, name="list"),
    path("liste/ensemble/", together.together, name="together"),
    path("visite/vue/", lists.tour_seen, name="tour_seen"),
    path("signaler/", acts.declare, name="declare"),
    path("entrainement/", training.page, name="training"),
    path("entrainement/agir/", training.act, name="training_act"),
    path("actes/<uuid:event>/annuler/", acts.undo, name="undo"),
    path("dossiers/<uuid:case>/", sheets.sheet, name="sheet"),
    path("dossiers/<uuid:case>/appel/", acts.Call.as_view(), name=Act.CALL),
    path("dossiers/<uuid:case>/situation/", acts.RecordSituation.as_view(), name=Act.SITUATION),
    path("dossiers/<uuid:case>/coordonnees/", acts.CompleteDetails.as_view(), name=Act.DETAILS),
    path("dossiers/<uuid:case>/motif/", acts.RecordReason.as_view(), name=Act.REASON),
    path("dossiers/<uuid:case>/fausse-alerte/", acts.FalseAlarm.as_view(), name=Act.FALSE_ALARM),
    path("dossiers/<uuid:case>/pause/", acts.Pause.as_view(), name=Act.PAUSE),
    path("dossiers/<uuid:case>/dsden/", instructing.TellDsden.as_view(), name=Act.TELL_DSDEN),
    path("dossiers/<uuid:case>/rouvrir/", acts.Reopen.as_view(), name=Act.REOPEN),
    path("dossiers/<uuid:case>/protection/", acts.Protect.as_view(), name=Act.PROTECT),
    path(
        "dossiers/<uuid:case>/candidats/<int:candidate>/meme/",
        acts.say,
        {"same": True},
        name="same",
    ),
    path(
        "dossiers/<uuid:case>/candidats/<int:candidate>/autre/",
        acts.say,
        {"same": False},
        name="other",
    ),
]
