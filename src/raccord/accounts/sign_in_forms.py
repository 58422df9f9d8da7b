"""allauth's forms, in our words."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.contrib.auth import password_validation

from raccord.accounts.second_factor import TypedCode

LENGTH = "14 caractères au moins : une phrase que vous retenez vaut mieux qu’un mot compliqué."


class InOurWords(forms.BaseForm):
    """Labels and helps; no placeholder, which vanishes when one types."""

    words: ClassVar[dict[str, tuple[str, str]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]


_ADDRESS = ("Courriel professionnel", "")
_NEW = {"password1": ("Nouveau mot de passe", LENGTH), "password2": ("Encore une fois", "")}
_CODE = ("Code", "Six chiffres de votre application, ou un code de secours.")


class SignIn(InOurWords, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Address and password."""

    words: ClassVar = {"login": _ADDRESS, "password": ("Mot de passe", "")}


class Forgotten(InOurWords, account.ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link."""

    words: ClassVar = {"email": _ADDRESS}


class NewFromLink(InOurWords, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password after a link."""

    words: ClassVar = _NEW


class Change(InOurWords, account.ChangePasswordForm):  # type: ignore[misc]
    """A new password, knowing the old one."""

    words: ClassVar = {"oldpassword": ("Mot de passe actuel", ""), **_NEW}


class FirstOne(InOurWords, account.SetPasswordForm):  # type: ignore[misc]
    """A password where there was none (ProConnect only until then)."""

    words: ClassVar = _NEW


class Again(InOurWords, account.ReauthenticateForm):  # type: ignore[misc]
    """The password again, before touching what protects the account."""

    words: ClassVar = {"password": ("Mot de passe", "")}


class Code(InOurWords, TypedCode, mfa.AuthenticateForm):  # type: ignore[misc]
    """The second factor."""

    words: ClassVar = {"code": _CODE}


class CodeAgain(InOurWords, TypedCode, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The second factor again."""

    words: ClassVar = {"code": _CODE}


class ActivateCode(InOurWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an application."""

    words: ClassVar = {"code": ("Code affiché par l’application", "Six chiffres.")}


class AddKey(InOurWords, passkeys.AddWebAuthnForm):  # type: ignore[misc]
    """A passkey."""

    words: ClassVar = {
        "name": ("Nom de la clé", ""),
        "passwordless": ("Entrer avec cette clé seule, sans mot de passe", ""),
    }


class EditKey(InOurWords, passkeys.EditWebAuthnForm):  # type: ignore[misc]
    """The name of a passkey."""

    words: ClassVar = {"name": ("Nom de la clé", "")}


class NewPassword(forms.Form):
    """A password, twice. `user` is who it is for: it may not resemble their name."""

    password1 = forms.CharField(
        label="Mot de passe",
        help_text=LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )
    password2 = forms.CharField(
        label="Encore une fois",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, second = found.get("password1"), found.get("password2")
        if first and second and first != second:
            self.add_error(
                "password2", "Les deux mots de passe diffèrent. Saisissez-les de nouveau."
            )
        elif first:
            try:
                password_validation.validate_password(first, self.user)
            except forms.ValidationError as refusal:
                self.add_error("password1", refusal)
        return found
