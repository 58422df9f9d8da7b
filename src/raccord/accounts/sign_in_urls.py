"""Addresses of signing in. The names are allauth's, the words are ours, and only what we use is
open: nobody signs up, changes their address or asks for a code by mail."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path

from raccord.accounts.views import sign_in

urlpatterns = [
    path("connexion/", account.login, name="account_login"),
    path("deconnexion/", sign_in.sign_out, name="account_logout"),
    path("ferme/", account.account_inactive, name="account_inactive"),
    path("confirmer/", account.reauthenticate, name="account_reauthenticate"),
    path("mot-de-passe/", account.password_change, name="account_change_password"),
    path("mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("mot-de-passe/oublie/", account.password_reset, name="account_reset_password"),
    path(
        "mot-de-passe/oublie/envoye/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^mot-de-passe/lien/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/enregistre/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("facteur/", sign_in.factors, name="mfa_index"),
    path("facteur/verifier/", mfa.authenticate, name="mfa_authenticate"),
    path("facteur/confirmer/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("facteur/application/", totp.activate_totp, name="mfa_activate_totp"),
    path("facteur/application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("facteur/secours/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "facteur/secours/nouveaux/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "facteur/secours/telecharger/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("facteur/cles/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("facteur/cles/ajouter/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path(
        "facteur/cles/confirmer/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("facteur/cles/entrer/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("facteur/cles/<int:pk>/retirer/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("facteur/cles/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
]
