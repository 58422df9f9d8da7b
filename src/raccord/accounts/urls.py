"""Addresses of accounts and rights."""

from django.urls import path

from raccord.accounts.views import invitation, mine, opinion, people, proconnect, territory

app_name = "accounts"

urlpatterns = [
    path("mon-compte/", mine.mine, name="mine"),
    path("mon-compte/appareils/<int:session>/", mine.close_device, name="close_device"),
    path("mon-compte/confirmer/<int:membership>/", mine.confirm, name="confirm"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("compte/proconnect/", proconnect.go, name="proconnect"),
    path("compte/proconnect/retour/", proconnect.callback, name="proconnect_callback"),
    path("bienvenue/", invitation.welcome, name="welcome"),
    path("personnes/", people.home, name="people_home"),
    path("structures/<int:structure>/personnes/", people.people, name="people"),
    path("habilitations/<int:membership>/retirer/", people.take_back, name="take_back"),
    path("invitations/<int:invitation>/annuler/", people.cancel, name="cancel"),
    path("invitations/<int:invitation>/renvoyer/", people.resend, name="resend"),
    path("comptes/<int:user>/fermer/", people.close_account, name="close_account"),
    path("comptes/<int:user>/facteur/", people.remove_factor, name="remove_factor"),
    path("territoire/", territory.territory, name="territory"),
    path("territoire/equiper/", territory.equip, name="equip"),
    path("territoire/avis/", territory.opinions, name="opinions"),
    path("territoire/avis/<int:opinion>/traite/", territory.answered, name="answered"),
    path("avis/", opinion.opinion, name="opinion"),
]
