"""Addresses of letters and answers, included in those of the follow-up."""

from django.urls import path

from raccord.followup.letters import public, views
from raccord.followup.rights import Act

urlpatterns = [
    path("r/<str:token>", public.answer, name="answer"),
    path("courriers/preparer/", views.prepare, name="letters_prepare"),
    path("courriers/envoyer/", views.send, name="letters_send"),
    path("courriers/modeles/", views.texts, name="texts"),
    path("courriers/modeles/<int:text>/", views.edit_text, name="text"),
    path("courriers/modeles/<int:text>/approuver/", views.approve_text, name="approve_text"),
    path("dossiers/<uuid:case>/courrier/", views.prepare_one, name=Act.LETTER),
    path("reponses/<uuid:answer>/confirmer/", views.confirm, name="answer_confirm"),
    path("reponses/<uuid:answer>/ecarter/", views.set_aside, name="answer_set_aside"),
]
