"""API keys of panel servers: made, revoked, and proved by a request."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select, update

from nextbill.capabilities.identity.commands.audit_log import audit
from nextbill.capabilities.identity.errors import PanelKeyInvalid, PanelNotPermitted, PanelRefused
from nextbill.capabilities.identity.models import PanelKeyRow
from nextbill.capabilities.identity.queries import PanelKey, shown_panel_key
from nextbill.capabilities.identity.rules import PANEL_PERMISSIONS, PANEL_WINDOW_SECONDS, address_allowed, parse_range
from nextbill.kernel.errors import Invalid, NotFound
from nextbill.kernel.ids import new_id
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import ReadTx, Tx

TABLE, COLUMN = "identity_panel_key", "secret"
_KEY_ID = re.compile(r"npk_[A-Za-z0-9]{24}")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_USE_NOTED_EVERY = timedelta(minutes=5)
_SECRET_OF_NOBODY = secrets.token_hex(32)


class NewPanelKey(NamedTuple):
    """`secret` is shown now and never again."""

    key_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class PanelCaller:
    """A panel server that proved its key."""

    id: UUID
    key_id: str
    permissions: frozenset[str]
    server_id: UUID | None
    last_used_at: datetime | None

    def require(self, permission: str) -> None:
        """PanelNotPermitted."""
        if permission not in self.permissions:
            raise PanelNotPermitted(f"This API key lacks the permission {permission}.")


async def create_panel_key(
    tx: Tx,
    *,
    name: str,
    permissions: Sequence[str],
    server_id: UUID | None = None,
    addresses: Sequence[str] = (),
    expires_at: datetime | None = None,
    cipher: FieldCipher,
    actor: str = "system",
    reason: str | None = None,
    now: datetime,
) -> NewPanelKey:
    """Invalid names the field: an unknown permission, a bad range, an expiry in the past."""
    ranges = _checked(permissions, addresses, expires_at, now=now)
    row_id, key_id = new_id(), "npk_" + "".join(secrets.choice(_ALPHABET) for _ in range(24))
    secret = f"nps_{secrets.token_hex(32)}"
    tx.add(
        PanelKeyRow(
            id=row_id,
            key_id=key_id,
            name=name,
            secret=cipher.encrypt(secret, table=TABLE, row=row_id, column=COLUMN),
            permissions=sorted(set(permissions)),
            addresses=ranges,
            server_id=server_id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    await tx.flush()
    detail = {"key_id": key_id, "permissions": sorted(set(permissions))}
    await audit(tx, actor=actor, action="panel_key.created", object_type="panel_key", object_id=row_id, reason=reason, detail=detail, now=now)
    return NewPanelKey(key_id, secret)


async def revoke_panel_key(tx: Tx, *, key_id: str, actor: str = "system", reason: str | None = None, now: datetime) -> PanelKey:
    """By `npk_…`. Revoking a revoked one changes nothing."""
    row = (await tx.execute(select(PanelKeyRow).where(PanelKeyRow.key_id == key_id).with_for_update())).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such API key.")
    if row.revoked_at is None:
        row.revoked_at = now
        await tx.flush()
        await audit(tx, actor=actor, action="panel_key.revoked", object_type="panel_key", object_id=row.id, reason=reason, now=now)
    return shown_panel_key(row)


async def note_panel_key_use(tx: Tx, *, caller: PanelCaller, now: datetime) -> None:
    """At most one write in five minutes for each key, so that a busy panel costs none."""
    if caller.last_used_at is not None and caller.last_used_at > now - _USE_NOTED_EVERY:
        return
    old = or_(PanelKeyRow.last_used_at.is_(None), PanelKeyRow.last_used_at <= now - _USE_NOTED_EVERY)
    await tx.execute(update(PanelKeyRow).where(PanelKeyRow.id == caller.id, old).values(last_used_at=now))


async def authenticate_panel(
    tx: ReadTx, *, headers: Mapping[str, str], method: str, path_and_query: str, body: bytes, address: str, now: datetime, cipher: FieldCipher
) -> PanelCaller:
    """Either X-API-Key and X-API-Secret, or X-API-Key, X-Timestamp and X-Signature over the request as it was sent. One read, no write.

    PanelRefused alike for an unknown key and a wrong proof, in the same time; PanelKeyInvalid and PanelNotPermitted only after the proof.
    `headers` are found without case (Starlette's are) or by these names in lower case.
    """
    key_id = headers.get("x-api-key", "")
    row = None
    if _KEY_ID.fullmatch(key_id):
        row = (await tx.execute(select(PanelKeyRow).where(PanelKeyRow.key_id == key_id))).scalar_one_or_none()
    secret = _SECRET_OF_NOBODY if row is None else cipher.decrypt(row.secret, table=TABLE, row=row.id, column=COLUMN)
    message = b"\n".join((method.upper().encode(), path_and_query.encode(), hashlib.sha256(body).hexdigest().encode()))
    if not _proved(headers, secret, message, now=now) or row is None:
        raise PanelRefused("Send X-API-Key with X-API-Secret, or with X-Timestamp and X-Signature.")
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        raise PanelKeyInvalid("Ask the owner of the shop for a new key.")
    if not address_allowed(address, row.addresses):
        raise PanelNotPermitted("This API key may not be used from this address.")
    return PanelCaller(row.id, row.key_id, frozenset(row.permissions), row.server_id, row.last_used_at)


def sign(secret: str, *, timestamp: int, method: str, path_and_query: str, body: bytes) -> str:
    """The X-Signature of a request."""
    message = "\n".join((str(timestamp), method.upper(), path_and_query, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def _proved(headers: Mapping[str, str], secret: str, message: bytes, *, now: datetime) -> bool:
    """A signature wins over a secret: whoever signs wants the signature to be looked at."""
    signature = headers.get("x-signature")
    if signature is None:
        return hmac.compare_digest(headers.get("x-api-secret", "").encode(), secret.encode())
    stamp = headers.get("x-timestamp", "")
    expected = hmac.new(secret.encode(), stamp.encode() + b"\n" + message, hashlib.sha256).hexdigest()
    same = hmac.compare_digest(signature.lower().encode(), expected.encode())
    return same and stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and abs(int(now.timestamp()) - int(stamp)) <= PANEL_WINDOW_SECONDS


def _checked(permissions: Sequence[str], addresses: Sequence[str], expires_at: datetime | None, *, now: datetime) -> list[str]:
    wrong: dict[str, str] = {}
    unknown = sorted(set(permissions) - set(PANEL_PERMISSIONS))
    if unknown or not permissions:
        wrong["permissions"] = f"choose from {', '.join(PANEL_PERMISSIONS)}"
    if expires_at is not None and expires_at <= now:
        wrong["expires_at"] = "this time has passed"
    ranges = []
    for place, text in enumerate(addresses):
        try:
            ranges.append(parse_range(text))
        except ValueError as error:
            wrong[f"addresses.{place}"] = str(error)
    if wrong:
        raise Invalid(fields=wrong)
    return ranges
