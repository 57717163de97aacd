"""License keys: made, shown, replaced."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.models import LicenseRow
from nextbill.capabilities.licensing.queries.licenses import sealed
from nextbill.capabilities.licensing.rules.keys import ALPHABET, GROUP_LENGTH, GROUPS, written
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx

TABLE, COLUMN = "licensing_license", "key_sealed"


def new_key() -> str:
    """59 bits of chance: enough against guessing where each wrong guess is a throttled request."""
    return written("".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP_LENGTH)))


async def reveal_key(tx: Tx, *, license_id: UUID, actor: str, cipher: FieldCipher, now: datetime, reason: str | None = None) -> str:
    """The key in full, for its owner (the role decides whose rows are seen) or for staff. The showing is audited."""
    row = await sealed(tx, license_id)
    await identity.audit(
        tx, actor=actor, action="license.key_revealed", object_type="license", object_id=row.id, customer_id=row.customer_id, reason=reason, now=now
    )
    return open_key(row, cipher)


async def key_for_delivery(tx: Tx, *, license_id: UUID, cipher: FieldCipher) -> str:
    """The key for the machine that it is made for (the panel account's metadata). Not for people: that is `reveal_key`."""
    return open_key(await sealed(tx, license_id), cipher)


def open_key(row: LicenseRow, cipher: FieldCipher) -> str:
    return cipher.decrypt(row.key_sealed, table=TABLE, row=row.id, column=COLUMN)
