"""Codes typed at the door: none opens twice, and nobody may try them all.

allauth remembers both in the memory of one process, while several serve one address: here they are
kept with the factor, in the database. Only who knows the password comes as far as a code.
"""

import time
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as codes
from django.core.exceptions import ValidationError
from django.db import transaction

from raccord.accounts import mails

#: Wrong codes in a row, then how long none is read after the last of them, in seconds. Codes of
#: three half-minutes are good at once: a hundred tries a day find one in nine years, on average.
WRONG, WAIT = 10, 900


class TypedCode(mfa.BaseAuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The code of an application, or one kept for the day the telephone is lost."""

    def clean_code(self) -> str:
        # Two tries at once wait for each other.
        written = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
        factor = written.select_for_update().filter(user=self.user).order_by("-type").first()
        if factor and _closed(factor.data):
            raise get_adapter().validation_error("too_many_codes")
        try:
            code: str = super().clean_code()
            if self.authenticator.type == Authenticator.Type.TOTP:
                self._use(code)
        except ValidationError as refused:
            if factor and refused.code == "incorrect_code":  # else nobody has read it
                self._note(factor)
            raise
        if factor and factor.data.get("wrong"):
            _keep(factor, wrong=0)
        return code

    def _use(self, code: str) -> None:
        """No code after it was used, nor one shown before it (RFC 6238, 5.2)."""
        secret = get_adapter().decrypt(self.authenticator.data["secret"])
        shown = {
            step: codes.format_hotp_value(codes.hotp_value(secret, step))
            for step in codes.yield_hotp_counters_from_time()
        }
        good = [step for step in shown if compare_user_code(actual=code, expected=shown[step])]
        if max(good, default=0) <= self.authenticator.data.get("step", 0):
            raise get_adapter().validation_error("incorrect_code")
        _keep(self.authenticator, step=max(good))

    def _note(self, factor: Authenticator) -> None:
        wrong = factor.data.get("wrong", 0) + 1
        _keep(factor, wrong=wrong, wrong_at=int(time.time()))
        if wrong == WRONG:
            told = mails.codes_tried(self.user)
            transaction.on_commit(lambda: mails.send([told]), robust=True)


def _keep(factor: Authenticator, **values: Any) -> None:
    """Beside what allauth may have written meanwhile."""
    factor.refresh_from_db(fields=["data"])
    factor.data |= values
    factor.save(update_fields=["data"])


def _closed(data: dict[str, Any]) -> bool:
    return bool(data.get("wrong", 0) >= WRONG and time.time() - data["wrong_at"] < WAIT)
