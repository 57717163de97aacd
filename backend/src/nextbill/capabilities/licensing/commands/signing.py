"""The keys that leases are signed with: made ahead, published before they sign, and shown until the last lease of theirs has ended."""

from __future__ import annotations

import base64
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import func, select, text

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.models import SigningKeyRow
from nextbill.capabilities.licensing.rules.leases import KEY_SHOWN_AFTER, KEY_SHOWN_BEFORE, KEY_SIGNS
from nextbill.kernel.ids import new_id
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx

TABLE, COLUMN = "licensing_signing_key", "private_key_sealed"
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(7220260015)")


async def keep_signing_keys(tx: Tx, *, cipher: FieldCipher, now: datetime) -> UUID | None:
    """A first key at once, a next one before the present one is old. The id of the one that was made."""
    newest = (await tx.execute(select(func.max(SigningKeyRow.signs_from)))).scalar_one()
    if newest is not None and newest + KEY_SIGNS - KEY_SHOWN_BEFORE > now:
        return None
    await tx.execute(_ONE_AT_A_TIME)
    again = (await tx.execute(select(func.max(SigningKeyRow.signs_from)))).scalar_one()
    if again != newest:
        return None
    return await _add(tx, signs_from=now if newest is None else max(now, newest + KEY_SIGNS), cipher=cipher, now=now)


async def rotate_signing_key(tx: Tx, *, actor: str, reason: str, compromised: bool, cipher: FieldCipher, now: datetime) -> UUID:
    """A new key signs after it has been shown for a day; at once, and the others are shown no more, where one is in wrong hands."""
    await tx.execute(_ONE_AT_A_TIME)
    signs_from = now if compromised else now + KEY_SHOWN_BEFORE
    made = await _add(tx, signs_from=signs_from, cipher=cipher, now=now, shown_no_more=compromised)
    await identity.audit(
        tx,
        actor=actor,
        action="license_signing_key.rotated",
        object_type="license_signing_key",
        object_id=made,
        reason=reason,
        detail={"compromised": compromised},
        now=now,
    )
    return made


async def _add(tx: Tx, *, signs_from: datetime, cipher: FieldCipher, now: datetime, shown_no_more: bool = False) -> UUID:
    older = (await tx.execute(select(SigningKeyRow).with_for_update())).scalars()
    for row in older:
        ends = max(signs_from, row.signs_from)  # one that was to sign later never does
        row.signs_until = ends if row.signs_until is None else min(row.signs_until, ends)
        shown_until = now if shown_no_more else row.signs_until + KEY_SHOWN_AFTER
        row.published_until = shown_until if row.published_until is None else min(row.published_until, shown_until)
    row_id, private = new_id(), Ed25519PrivateKey.generate()
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    tx.add(
        SigningKeyRow(
            id=row_id,
            kid=row_id.hex,
            public_key=private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
            private_key_sealed=cipher.encrypt(base64.b64encode(raw).decode(), table=TABLE, row=row_id, column=COLUMN),
            created_at=now,
            signs_from=signs_from,
        )
    )
    await tx.flush()
    return row_id
