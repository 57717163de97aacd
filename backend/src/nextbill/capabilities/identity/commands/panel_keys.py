"""API keys of panel servers: made, revoked, and proved by a request."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import select

from nextbill.capabilities.identity.commands.audit_log import audit
from nextbill.capabilities.identity.errors import PanelKeyInvalid, PanelNotPermitted, PanelRefused
from nextbill.capabilities.identity.models import PanelKeyRow
from nextbill.capabilities.identity.queries import PanelKey, shown_panel_key
from nextbill.capabilities.identity.rules import PANEL_PERMISSIONS, PANEL_WINDOW_SECONDS, address_allowed, parse_range
from nextbill.kernel.errors import Invalid, NotFound, Problem
from nextbill.kernel.ids import new_id
from nextbill.runtime.batching import Batcher, Lines
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import ReadTx, Tx

TABLE, COLUMN = "identity_panel_key", "secret"
_KEY_ID = re.compile(r"npk_[A-Za-z0-9]{24}")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_USE_NOTED_EVERY = timedelta(minutes=5)
_NOBODY = UUID(int=0)
log = structlog.get_logger()
NOTE_USE = "update identity_panel_key set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at <= $3)"
KEY_COLUMNS = "k.id, k.key_id, k.secret, k.permissions, k.addresses, k.server_id, k.expires_at, k.revoked_at, k.last_used_at"
"""Of identity_panel_key k, in the order of PanelKeyFacts: for a statement that reads a key along with what it asks about."""
FIND_KEYS = f"select {KEY_COLUMNS} from identity_panel_key k where k.key_id = any($1::text[])"  # noqa: S608  (our own column names)


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


class PanelRequest(NamedTuple):
    """A request as it was sent, with whatever it proves itself by. A tuple, since one is made for each request of the license path."""

    api_key: str
    api_secret: str
    timestamp: str
    signature: str | None
    method: str
    path_and_query: str
    body: bytes
    address: str

    @classmethod
    def of(cls, headers: Mapping[str, str], *, method: str, path_and_query: str, body: bytes, address: str) -> PanelRequest:
        """`headers` are found without case (Starlette's are) or by these names in lower case."""
        signature = headers.get("x-signature")
        stamp = headers.get("x-timestamp", "")
        return cls(headers.get("x-api-key", ""), headers.get("x-api-secret", ""), stamp, signature, method, path_and_query, body, address)


async def authenticate_panel(tx: ReadTx, request: PanelRequest, *, now: datetime, cipher: FieldCipher) -> PanelCaller:
    """Either X-API-Key and X-API-Secret, or X-API-Key, X-Timestamp and X-Signature over the request as it was sent. One read, no write.

    PanelRefused alike for an unknown key and a wrong proof, in the same time; PanelKeyInvalid and PanelNotPermitted only after the proof.
    """
    row = None
    if _KEY_ID.fullmatch(request.api_key):
        row = (await tx.execute(select(PanelKeyRow).where(PanelKeyRow.key_id == request.api_key))).scalar_one_or_none()
    return judge_panel(_facts(row), request, now=now, cipher=cipher)


class PanelKeyFacts(NamedTuple):
    """What a request is judged by."""

    id: UUID
    key_id: str
    secret: str
    permissions: Sequence[str]
    addresses: Sequence[str]
    server_id: UUID | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def judge_panel(facts: PanelKeyFacts | None, request: PanelRequest, *, now: datetime, cipher: FieldCipher) -> PanelCaller:
    """See `authenticate_panel`. `facts` None: there is no such key; all the same a secret is decrypted and a proof compared."""
    key_row, sealed = (_NOBODY, _sealed_of_nobody(cipher)) if facts is None else (facts.id, facts.secret)
    secret = _opened(cipher, sealed, key_row)
    if not _proved(request, secret, now=now) or facts is None:
        raise PanelRefused("Send X-API-Key with X-API-Secret, or with X-Timestamp and X-Signature.")
    if facts.revoked_at is not None or (facts.expires_at is not None and facts.expires_at <= now):
        raise PanelKeyInvalid("Ask the owner of the shop for a new key.")
    if facts.addresses and not address_allowed(request.address, facts.addresses):
        raise PanelNotPermitted("This API key may not be used from this address.")
    return PanelCaller(facts.id, facts.key_id, frozenset(facts.permissions), facts.server_id, facts.last_used_at)


class PanelDoor:
    """Panels at the license path: keys are read fresh for each request, many in one statement."""

    def __init__(self, lines: Lines, *, cipher: FieldCipher) -> None:
        self._lines, self._cipher = lines, cipher
        self._noted: dict[UUID, datetime] = {}
        self._noting: set[asyncio.Task[None]] = set()
        self._keys: Batcher[str, PanelKeyFacts | None] = Batcher(lines.lane(FIND_KEYS), values=lambda asked: (list(asked),), read=_read_keys)

    async def admit(self, request: PanelRequest, *, now: datetime) -> PanelCaller:
        """As `authenticate_panel`."""
        key_id = key_id_of(request)
        return self.judge(None if key_id is None else await self._keys.ask(key_id), request, now=now)

    def judge(self, facts: PanelKeyFacts | None, request: PanelRequest, *, now: datetime) -> PanelCaller:
        """For whoever has read the facts along with something else (`KEY_COLUMNS`)."""
        caller = judge_panel(facts, request, now=now, cipher=self._cipher)
        if caller.last_used_at is None or caller.last_used_at <= now - _USE_NOTED_EVERY:
            self._note_use(caller, now)
        return caller

    def _note_use(self, caller: PanelCaller, now: datetime) -> None:
        """At most one write in five minutes for each key, after the answer, so that a busy panel costs none."""
        if self._noted.get(caller.id, datetime.min.replace(tzinfo=now.tzinfo)) > now - _USE_NOTED_EVERY:
            return
        self._noted[caller.id] = now
        task = asyncio.get_running_loop().create_task(self._write_use(caller.id, now))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _write_use(self, key: UUID, now: datetime) -> None:
        try:
            await self._lines.fetch(NOTE_USE, key, now, now - _USE_NOTED_EVERY)
        except Problem:  # the database is away, which whoever asks is told; five minutes later it is tried again
            log.info("a panel key's use was not noted", key=str(key))


def key_id_of(request: PanelRequest) -> str | None:
    """None where it can't be a key's: nothing is looked up then."""
    return request.api_key if _KEY_ID.fullmatch(request.api_key) else None


def _read_keys(asked: Sequence[str], rows: Sequence[Any]) -> list[PanelKeyFacts | None]:
    found = {row[1]: PanelKeyFacts(*row) for row in rows}
    return [found.get(key_id) for key_id in asked]


def _facts(row: PanelKeyRow | None) -> PanelKeyFacts | None:
    return None if row is None else PanelKeyFacts(*(getattr(row, name) for name in PanelKeyFacts._fields))


@lru_cache(maxsize=1024)
def _opened(cipher: FieldCipher, sealed: str, row: UUID) -> str:
    """The same text opens to the same secret always, so this can't be stale: whether the key still holds is read each time."""
    return cipher.decrypt(sealed, table=TABLE, row=row, column=COLUMN)


@cache
def _sealed_of_nobody(cipher: FieldCipher) -> str:
    return cipher.encrypt(f"nps_{secrets.token_hex(32)}", table=TABLE, row=_NOBODY, column=COLUMN)


def sign(secret: str, *, timestamp: int, method: str, path_and_query: str, body: bytes) -> str:
    """The X-Signature of a request."""
    message = "\n".join((str(timestamp), method.upper(), path_and_query, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def _proved(request: PanelRequest, secret: str, *, now: datetime) -> bool:
    """A signature wins over a secret: whoever signs wants the signature to be looked at."""
    if request.signature is None:
        return hmac.compare_digest(request.api_secret.encode(), secret.encode())
    stamp = request.timestamp
    message = f"{stamp}\n{request.method.upper()}\n{request.path_and_query}\n{hashlib.sha256(request.body).hexdigest()}"
    same = hmac.compare_digest(request.signature.lower().encode(), hmac.digest(secret.encode(), message.encode(), "sha256").hex().encode())
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
