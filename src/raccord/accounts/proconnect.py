"""ProConnect: the State's sign-in of public servants, through OpenID Connect.

Off unless configured. It opens no account by itself: the address must be that of an account, or of
an invitation still open. Identity and user information are both signed (RS256) and both for us.
"""

from typing import Any

import jwt
import requests
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from raccord.accounts import services
from raccord.accounts.models import User

#: Levels that ProConnect gives when a second factor was used at the identity provider.
WITH_SECOND_FACTOR = frozenset(
    {
        "eidas2",
        "eidas3",
        "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
        "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
    }
)
_LEEWAY = 30  # seconds between two clocks


class ProConnect(OIDCAuthenticationBackend):  # type: ignore[misc]  # it has no types
    """What mozilla-django-oidc leaves open: issuer, audience, expiry, signed user information."""

    #: Whether the identity provider asked for a second factor.
    second_factor = False

    def _verify_jws(self, payload: str, key: Any) -> dict[str, Any]:
        try:
            found: dict[str, Any] = jwt.decode(
                payload,
                key,
                algorithms=["RS256"],
                audience=self.OIDC_RP_CLIENT_ID,
                issuer=settings.OIDC_OP_ISSUER,
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "aud", "iss", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise SuspiciousOperation(f"jeton refusé : {type(error).__name__}") from error
        return found

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The identity token; a nonce is required here, whatever the settings."""
        found = self._checked(token)
        nonce = kwargs.get("nonce")
        if not nonce or found.get("nonce") != nonce:
            raise SuspiciousOperation("nonce inattendu")
        return found

    def get_userinfo(
        self, access_token: str, id_token: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        """Signed, for us, and about the same person as the identity token; nothing else will do."""
        answer = requests.get(
            self.OIDC_OP_USER_ENDPOINT,
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=settings.OIDC_TIMEOUT,
        )
        answer.raise_for_status()
        if not answer.headers.get("content-type", "").lower().startswith("application/jwt"):
            raise SuspiciousOperation("informations non signées")
        found = self._checked(answer.text)
        if found["sub"] != payload["sub"]:
            raise SuspiciousOperation("informations d’une autre personne")
        amr = payload.get("amr") or []
        self.second_factor = payload.get("acr") in WITH_SECOND_FACTOR or "mfa" in amr
        return found

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """An address, and not one that the provider says it did not verify."""
        return bool(claims.get("email")) and claims.get("email_verified", True) is True

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Any:
        email = str(claims["email"]).strip().lower()
        found = User.objects.filter(email=email)
        if not found.exists():
            services.accept_at_address(
                email,
                first_name=str(claims.get("given_name") or ""),
                last_name=str(claims.get("usual_name") or claims.get("family_name") or ""),
            )
        return found.all()

    def _checked(self, token: str) -> dict[str, Any]:
        try:
            key = self.retrieve_matching_jwk(token)
        except (jwt.PyJWTError, KeyError) as error:
            raise SuspiciousOperation(f"jeton illisible : {type(error).__name__}") from error
        return self._verify_jws(token, key)


def is_on() -> bool:
    """Whether this place has configured it."""
    return bool(settings.PROCONNECT)
