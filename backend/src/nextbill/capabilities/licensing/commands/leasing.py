"""Leases: signed statements of what a license allows until when, for panels that can't reach us. Signed on change, not per call."""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nextbill.capabilities.licensing.commands.signing import COLUMN, TABLE
from nextbill.capabilities.licensing.errors import NoSigningKey
from nextbill.capabilities.licensing.rules.leases import LEASE_KEPT, lease_end
from nextbill.runtime.batching import Batcher, Lines
from nextbill.runtime.crypto import FieldCipher

WHOLE: Final = """
select l.key_hash, l.id, l.revision, l.plan_code, l.features, l.server_id, l.expires_at,
  (select jsonb_object_agg(q.resource, jsonb_build_array(q.limit_count, q.used_count)) from licensing_quota q where q.license_id = l.id)
from licensing_license l where l.key_hash = any($1::bytea[]) and l.state = 'active'
"""
SIGNING_KEY: Final = """
select id, kid, private_key_sealed from licensing_signing_key
where signs_from <= $1 and (published_until is null or published_until > $1) order by signs_from desc limit 1
"""
KEPT_MAX: Final = 50_000
TYPE: Final = "license-lease+jwt"


class _License(NamedTuple):
    id: UUID
    revision: int
    plan_code: str
    features: str
    server_id: UUID | None
    expires_at: datetime | None
    counts: str | None


class _Signed(NamedTuple):
    revision: int
    kid: str
    at: datetime
    lease: str


class Leases:
    def __init__(self, lines: Lines, *, cipher: FieldCipher, issuer: str) -> None:
        """`issuer`: our address as panels know it, the `iss` of every lease."""
        self._lines, self._cipher, self._issuer = lines, cipher, issuer
        self._licenses: Batcher[bytes, _License | None] = Batcher(lines.lane(WHOLE), values=lambda keys: (list(keys),), read=_read)
        self._kept: OrderedDict[UUID, _Signed] = OrderedDict()

    async def lease(self, key_hash: bytes, *, server_id: UUID | None, now: datetime) -> str | None:
        """For a license that stands at this server (the caller has asked). NoSigningKey.

        None where it was suspended, cancelled or moved since: a lease made now would bear the revision that revoked those before it.
        """
        found = await self._licenses.ask(key_hash)
        if found is None or (server_id is not None and found.server_id not in (None, server_id)):
            return None
        key = await self._lines.fetch(SIGNING_KEY, now)
        if not key:
            raise NoSigningKey
        key_id, kid, sealed = key[0]
        kept = self._kept.get(found.id)
        if kept is not None and (kept.revision, kept.kid) == (found.revision, kid) and kept.at <= now < kept.at + LEASE_KEPT:
            return kept.lease
        raw = base64.b64decode(self._cipher.decrypt(sealed, table=TABLE, row=key_id, column=COLUMN))
        private = Ed25519PrivateKey.from_private_bytes(raw)
        lease = jwt.encode(self._claims(found, now), private, algorithm="EdDSA", headers={"kid": kid, "typ": TYPE})
        self._kept[found.id] = _Signed(found.revision, kid, now, lease)
        self._kept.move_to_end(found.id)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return lease

    def _claims(self, found: _License, now: datetime) -> dict[str, Any]:
        counts: dict[str, list[int | None]] = json.loads(found.counts) if found.counts else {}
        return {
            "iss": self._issuer,
            "sub": str(found.id),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int(lease_end(now, found.expires_at).timestamp()),
            "rev": found.revision,
            "srv": None if found.server_id is None else str(found.server_id),
            "plan": found.plan_code,
            "features": json.loads(found.features),
            "limits": {name: limit for name, (limit, _used) in counts.items()},
            "used": {name: used for name, (_limit, used) in counts.items()},
        }


def _read(keys: Any, rows: list[Any]) -> list[_License | None]:
    found = {row[0]: _License(*row[1:]) for row in rows}
    return [found.get(key) for key in keys]
