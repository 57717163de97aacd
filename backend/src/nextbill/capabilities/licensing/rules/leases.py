"""How long a lease and the key that signs it last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

LEASE_LASTS: Final = timedelta(hours=72)
"""A panel goes on by itself for a long weekend; a suspended license is refused by its lease after that at the latest."""

LEASE_KEPT: Final = timedelta(minutes=15)
"""As long as nothing changed, the lease that was signed last is answered again."""

KEY_SIGNS: Final = timedelta(days=90)
KEY_SHOWN_BEFORE: Final = timedelta(hours=24)
"""A new key is published this long before it signs, so that panels have it by then."""

KEY_SHOWN_AFTER: Final = LEASE_LASTS + timedelta(hours=24)
REVOCATIONS_KEPT: Final = LEASE_LASTS + timedelta(days=28)
POLL_SECONDS: Final = 30

RevocationReason = Literal["suspended", "cancelled", "rotated", "moved", "changed"]


def lease_end(now: datetime, license_end: datetime | None) -> datetime:
    """Never after the license's own end."""
    end = now + LEASE_LASTS
    return end if license_end is None else min(end, license_end)
