"""The token of a one-time link: short enough to be typed from a sheet of paper, drawn at random.

Sixteen signs among thirty are 78 bits; the database keeps the digest, wrong guesses are counted.
"""

import hashlib
import secrets

from django.conf import settings
from django.urls import reverse

#: Without what is mistaken for something else: 0 and o, 1, l and i, u and v.
ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"
_GROUPS, _SIZE = 4, 4
#: Days during which a link may be answered.
DAYS = 60


def draw() -> str:
    """A new token, without its hyphens."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_GROUPS * _SIZE))


def digest(token: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(token.encode("ascii")).digest()


def typed(text: str) -> str:
    """What somebody typed, as a token: capitals and hyphens do not count. Empty: it is none."""
    kept = text.lower().replace("-", "").replace(" ", "")
    known = len(kept) == _GROUPS * _SIZE and set(kept) <= set(ALPHABET)
    return kept if known else ""


def shown(token: str) -> str:
    """`abcd-efgh-jkmn-pqrs`."""
    return "-".join(token[i : i + _SIZE] for i in range(0, len(token), _SIZE))


def address(token: str) -> str:
    """The whole link."""
    return settings.SITE_URL + reverse("followup:answer", args=[shown(token)])
