"""What makes a password guessable in French offices (CNIL, délibération 2022-100, annexe: a list
of the commonest). Length does the rest; nothing is asked about capitals or signs."""

import re
from typing import Any

from django.core.exceptions import ValidationError

_COMMON = (
    "motdepasse", "azerty", "qwerty", "bonjour", "soleil", "doudou", "loulou", "chouchou",
    "iloveyou", "password", "administrateur", "raccord", "lycee", "college", "education", "ecole",
    "academie", "secretariat", "proviseur", "principal", "france", "bienvenue", "changezmoi",
    "welcome",
)  # fmt: skip
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
)


class NotGuessable:
    """Refuses a password made of common words, of a run of keys or of one sign repeated."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise when what is left, once the usual is taken out, is too short to protect."""
        bare = re.sub(r"[\W_]", "", password.casefold())
        left = bare
        for word in _COMMON:
            left = left.replace(word, "")
        left = re.sub(r"(19|20)\d\d", "", left)
        left = re.sub(r"(.)\1{2,}", r"\1", left)
        left = _without_runs(left)
        if len(left) < 6 or len(set(left)) < 5:
            raise ValidationError(
                "Ce mot de passe est trop courant. Choisissez une phrase de plusieurs mots, connue "
                "de vous seul.",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """Said beside the field."""
        return "Ni suite de touches, ni mot trop courant, ni nom d’établissement."


def _without_runs(text: str) -> str:
    """The text without its runs of four neighbouring keys or more, in either direction."""
    for row in _ROWS:
        for keys in (row, row[::-1]):
            for size in range(len(keys), 3, -1):
                for start in range(len(keys) - size + 1):
                    text = text.replace(keys[start : start + size], "")
    return text
