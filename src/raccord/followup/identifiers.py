"""Identifiers that a page may show: they cannot be guessed, and are known before the row exists.

Row-level security hides a row until a party sees it, so that an identifier given back by the
database could not be read; and a set-based night writes children before anything is stored.
"""

import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562): in order of time, so that indexes grow at one end."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | (7 << 76)
    return uuid.UUID(int=value & ~(0x3 << 62) | (0x2 << 62))
