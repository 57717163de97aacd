"""What panels check leases by: the published keys, and which leases are void."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.licensing.models import SigningKeyRow
from nextbill.runtime.batching import Lines
from nextbill.runtime.database import ReadTx

PUBLISHED: Final = "select kid, public_key from licensing_signing_key where published_until is null or published_until > $1 order by signs_from"
# Only what no transaction under way can still come before: a reader that remembers the last place it saw misses nothing.
# Transactions are numbered anew in a database that was restored from a dump. Rows and places of before are told by numbers that are not given
# yet: such rows come first, by `seq` alone, and who has such a place starts again from there.
REVOKED: Final = """
with life as materialized (
  select pg_snapshot_xmin(s)::text::bigint as settled, pg_snapshot_xmax(s)::text::bigint as next from pg_current_snapshot() s
), place as materialized (
  select case when $1::bigint < next then $1 else 0 end as xid, case when $1::bigint < next then $2::bigint else 0 end as seq from life
)
select * from (
  (select 0::bigint as xid, r.seq, r.license_id, r.reason, r.revision, r.at from licensing_revocation r
    where r.xid >= (select next from life) and (select xid from place) = 0 and r.seq > (select seq from place)
      and ($3::uuid is null or r.server_id is null or r.server_id = $3) order by r.seq limit $4)
  union all
  (select r.xid, r.seq, r.license_id, r.reason, r.revision, r.at from licensing_revocation r
    where (r.xid, r.seq) > ((select xid from place), (select seq from place)) and r.xid < (select settled from life)
      and ($3::uuid is null or r.server_id is null or r.server_id = $3) order by r.xid, r.seq limit $4)
) found order by xid, seq limit $4
"""
NEWEST: Final = """
select xid, seq from licensing_revocation where xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint order by xid desc, seq desc limit 1
"""


class Place(NamedTuple):
    """In the feed. (0, 0) is before everything."""

    xid: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Revocation:
    """Leases of the license whose revision is lower are void."""

    place: Place
    license_id: UUID
    reason: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SigningKey:
    """As staff see it: never the private half."""

    id: UUID
    kid: str
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    published_until: datetime | None


async def published_keys(lines: Lines, *, now: datetime) -> list[dict[str, str]]:
    """As JSON Web Keys (RFC 8037)."""
    rows = await lines.fetch(PUBLISHED, now)
    return [{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": _base64url(public), "use": "sig", "alg": "EdDSA"} for kid, public in rows]


async def revocations(lines: Lines, *, after: Place, server_id: UUID | None, limit: int) -> list[Revocation]:
    """Of one server's licenses, those that moved away from it included; of all where `server_id` is None."""
    rows = await lines.fetch(REVOKED, after.xid, after.seq, server_id, limit)
    return [Revocation(Place(xid, seq), license_id, reason, revision, at) for xid, seq, license_id, reason, revision, at in rows]


async def newest_place(lines: Lines) -> Place:
    rows = await lines.fetch(NEWEST)
    return Place(*rows[0]) if rows else Place()


async def list_signing_keys(tx: ReadTx) -> list[SigningKey]:
    """Newest first."""
    rows = (await tx.execute(select(SigningKeyRow).order_by(SigningKeyRow.id.desc()))).scalars()
    return [SigningKey(row.id, row.kid, row.created_at, row.signs_from, row.signs_until, row.published_until) for row in rows]


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
