"""Addresses of the relay, included in those of the follow-up."""

from django.urls import path

from raccord.followup.relay import public, views
from raccord.followup.rights import Act

urlpatterns = [
    path("p/<str:token>", public.partner, name="partner"),
    path("relais/recus/", views.received, name="received"),
    path("relais/ensemble/", views.together, name="hand_over_together"),
    path("dossiers/<uuid:case>/relais/", views.HandOver.as_view(), name=Act.TRANSMIT),
    path("dossiers/<uuid:case>/reprendre/", views.Withdraw.as_view(), name=Act.TAKE_BACK),
    path("dossiers/<uuid:case>/lien/", views.link_again, name="link_again"),
    path("dossiers/<uuid:case>/accepter/", views.Accept.as_view(), name=Act.ACCEPT),
    path("dossiers/<uuid:case>/renvoyer/", views.SendBack.as_view(), name=Act.SEND_BACK),
    path("dossiers/<uuid:case>/reorienter/", views.Redirect.as_view(), name="redirect"),
    path("dossiers/<uuid:case>/associer/", views.Associate.as_view(), name=Act.ASSOCIATE),
    path("dossiers/<uuid:case>/groupe/", views.group_again, name="group_again"),
    path("dossiers/<uuid:case>/ne-plus-suivre/", views.Leave.as_view(), name=Act.LEAVE),
    path("dossiers/<uuid:case>/opposition/", views.LiftObjection.as_view(), name="lift_objection"),
    path("dossiers/<uuid:case>/information/", views.Inform.as_view(), name=Act.INFORM),
    path("dossiers/<uuid:case>/question/", views.Ask.as_view(), name=Act.ASK),
    path("dossiers/<uuid:case>/question/<uuid:question>/", views.Reply.as_view(), name=Act.REPLY),
    path("dossiers/<uuid:case>/confier/", views.Assign.as_view(), name=Act.ASSIGN),
]
