"""Addresses of the care, included in those of the follow-up."""

from django.urls import path

from raccord.followup.care import places, views
from raccord.followup.rights import Act

_CASE = "dossiers/<uuid:case>"
_SOLUTION = f"{_CASE}/solution/<uuid:proposal>"
_MANDATE = f"{_CASE}/mandat/<uuid:mandate>"

urlpatterns = [
    path(f"{_CASE}/entretien/", views.Interview.as_view(), name=Act.INTERVIEW),
    path(f"{_CASE}/preconisation/", views.Recommend.as_view(), name=Act.RECOMMEND),
    path(f"{_CASE}/mandat/", views.GiveMandate.as_view(), name=Act.MANDATE),
    path(f"{_MANDATE}/compte-rendu/", views.Report.as_view(), name=Act.REPORT),
    path(f"{_MANDATE}/retirer/", views.WithdrawMandate.as_view(), name="withdraw_mandate"),
    path(f"{_CASE}/places/", places.Find.as_view(), name="find_places"),
    path(f"{_CASE}/solution/", views.Propose.as_view(), name=Act.PROPOSE),
    path(f"{_SOLUTION}/reponse/", views.AnswerProposal.as_view(), name="answer_proposal"),
    path(f"{_SOLUTION}/debut/", views.Start.as_view(), name="start"),
    path(f"{_SOLUTION}/fin/", views.End.as_view(), name="end"),
    path(f"{_CASE}/toujours-exact/", views.StillTrue.as_view(), name=Act.STILL_TRUE),
    path(f"{_CASE}/devenir/<uuid:review>/", views.RecordReview.as_view(), name=Act.REVIEW),
    path("places/", places.mine, name="vacancies"),
    path("places/nouvelle/", places.enter, name="vacancy_new"),
    path("places/importer/", places.bring, name="vacancy_import"),
    path("places/<uuid:vacancy>/exacte/", places.confirm, name="vacancy_confirm"),
    path("places/<uuid:vacancy>/retirer/", places.withdraw, name="vacancy_withdraw"),
]
