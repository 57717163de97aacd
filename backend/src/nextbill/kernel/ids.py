"""UUIDv7 (RFC 9562): ordered by creation, so that indexes stay dense."""

from __future__ import annotations

import os
import time
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id() -> UUID:
    """48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 random bits. Technical time: never read back as business time."""
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    randomness = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | _VERSION | (fraction << 64) | _VARIANT | randomness)
