"""What waits to leave is sealed with the key of the service: a copy of the database writes to
nobody, and answers for nobody."""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(content: dict[str, Any]) -> str:
    """A message, sealed."""
    return _key().encrypt(json.dumps(content).encode()).decode()


def opened(sealed: str) -> dict[str, Any]:
    """The inverse of `seal`."""
    found: dict[str, Any] = json.loads(_key().decrypt(sealed.encode()))
    return found


def _key() -> MultiFernet:
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.sha256(f"raccord.letters {key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
