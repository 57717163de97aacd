"""The license path: what panels ask before each action, answered without a framework, an ORM or a write where nothing is to be written.

One request: who asks and what the license says, read fresh and together; the rule; the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import parse_qs
from uuid import UUID

import msgspec

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.commands.counting import Counted, Event, UsageCounter
from nextbill.capabilities.licensing.commands.leasing import Leases
from nextbill.capabilities.licensing.commands.reserving import Request, Reservation, Reservations
from nextbill.capabilities.licensing.errors import LicenseNotFound, LicenseRefused, ReservationNotFound, UsageBelowZero
from nextbill.capabilities.licensing.http.shapes import (
    Allowed,
    PublicKeys,
    Refused,
    ReservationAnswer,
    ReserveBody,
    RevocationItem,
    RevocationsAnswer,
    UsageAnswer,
    UsageBatchAnswer,
    UsageBatchBody,
    UsageBody,
    UsageResult,
    ValidateBody,
)
from nextbill.capabilities.licensing.http.throttle import FailureThrottle, RateLimited
from nextbill.capabilities.licensing.queries.facts import Question, make_facts
from nextbill.capabilities.licensing.queries.leases import Place, newest_place, published_keys, revocations
from nextbill.capabilities.licensing.queries.licenses import LicenseKeys
from nextbill.capabilities.licensing.rules.leases import POLL_SECONDS
from nextbill.capabilities.licensing.rules.verdict import Verdict, decide
from nextbill.kernel.clock import Clock
from nextbill.kernel.errors import Invalid, Problem
from nextbill.kernel.ids import new_id
from nextbill.runtime.batching import Lines
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.settings import Settings
from nextbill.runtime.web.table import Answered, Asked, Route, reader

PREFIX: Final = "/api/v1"
FEED_MAX: Final = 500
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
TOGETHER: Final = 64
"""Events of one batch that are under way at once."""

_read_validate, _read_reserve, _read_usage, _read_batch = reader(ValidateBody), reader(ReserveBody), reader(UsageBody), reader(UsageBatchBody)
_write = msgspec.json.Encoder(decimal_format="number").encode


def make_panel_routes(settings: Settings, *, clock: Clock, lines: Lines, cipher: FieldCipher) -> list[Route]:
    """The license path, the same in front of the API and alone."""
    keys = LicenseKeys.from_secret(settings.secret_key.get_secret_value())
    return PanelRoutes(lines, keys=keys, cipher=cipher, clock=clock, issuer=settings.api_url, zone=settings.company_time_zone).routes()


class PanelRoutes:
    def __init__(self, lines: Lines, *, keys: LicenseKeys, cipher: FieldCipher, clock: Clock, issuer: str, zone: str) -> None:
        """`issuer`: our address as panels know it; `zone`: the seller's, by whose months alerts go."""
        self._lines, self._keys, self._clock = lines, keys, clock
        self._panels = identity.PanelDoor(lines, cipher=cipher)
        self._facts = make_facts(lines)
        self._reservations = Reservations(lines)
        self._usage = UsageCounter(lines, zone=zone)
        self._leases = Leases(lines, cipher=cipher, issuer=issuer)
        self._throttle = FailureThrottle()

    def routes(self) -> list[Route]:
        return [
            Route("POST", f"{PREFIX}/licenses/validate", self.validate, hot=True),
            Route("POST", f"{PREFIX}/licenses/reservations", self.reserve, hot=True),
            Route("POST", f"{PREFIX}/licenses/reservations/{{reservation_id}}/commit", self.commit),
            Route("POST", f"{PREFIX}/licenses/reservations/{{reservation_id}}/release", self.release),
            Route("POST", f"{PREFIX}/usage/update", self.update_usage, hot=True),
            Route("POST", f"{PREFIX}/usage/batch", self.update_usage_in_batch),
            Route("GET", f"{PREFIX}/licenses/revocations", self.list_revocations),
            Route("GET", "/.well-known/license-keys.json", self.list_public_keys),
        ]

    async def validate(self, asked: Asked) -> Answered:
        now = self._clock.now()
        try:
            body: ValidateBody = _read_validate(asked.body)
        except Problem:  # strangers hear that they are strangers before what is wrong with what they sent
            await self._admit(asked, "validate", now)
            raise
        key_hash, request = self._keys.hash(body.license_key), _proof(asked)
        found = await self._facts.ask(Question(key_hash, body.feature, identity.key_id_of(request)))
        panel = self._passed(found.panel, request, "validate", now)
        verdict = decide(found.license, feature=body.feature, server_id=panel.server_id, now=now)
        if verdict.reason == "unknown_license":
            self._throttle.failed(panel.key_id, now)
        lease = await self._lease(panel, verdict, key_hash, now) if body.lease else None
        return Answered(_write(_verdict(verdict, lease)))

    async def _lease(self, panel: identity.PanelCaller, verdict: Verdict, key_hash: bytes, now: datetime) -> str | None:
        """Where the license as a whole stands, whether this feature is granted or not."""
        panel.require("leases")
        stands = verdict.reason in (None, "quota_exceeded", "unknown_feature")
        return await self._leases.lease(key_hash, server_id=panel.server_id, now=now) if stands else None

    async def reserve(self, asked: Asked) -> Answered:
        panel = await self._admit(asked, "reservations", now := self._clock.now())
        body: ReserveBody = _read_reserve(asked.body)
        key_hash, ends = self._keys.hash(body.license_key), now + timedelta(seconds=body.ttl_seconds)
        request = Request(key_hash, body.resource, body.quantity, body.external_id, new_id(), ends, panel.server_id, now)
        held = await self._reservations.hold(request)
        if held is None:
            raise await self._why_not(panel, key_hash, now)
        return Answered(_write(_reservation(held)), 200 if held.repeated else 201)

    async def _why_not(self, panel: identity.PanelCaller, key_hash: bytes, now: datetime) -> Problem:
        verdict = decide((await self._facts.ask(Question(key_hash, None))).license, feature=None, server_id=panel.server_id, now=now)
        if verdict.reason is None:
            return Invalid(fields={"resource": "the license has no such resource"})
        if verdict.reason == "unknown_license":
            self._throttle.failed(panel.key_id, now)
        return LicenseRefused(verdict.error, reason=verdict.reason)

    async def commit(self, asked: Asked) -> Answered:
        panel = await self._admit(asked, "reservations", now := self._clock.now())
        held, grown = await self._reservations.use_held(_id(asked.inside), server_id=panel.server_id, now=now)
        if grown is not None:
            await self._usage.warn(grown, now=now)
        return Answered(_write(_reservation(held)))

    async def release(self, asked: Asked) -> Answered:
        panel = await self._admit(asked, "reservations", now := self._clock.now())
        return Answered(_write(_reservation(await self._reservations.release(_id(asked.inside), server_id=panel.server_id, now=now))))

    async def update_usage(self, asked: Asked) -> Answered:
        panel = await self._admit(asked, "usage", now := self._clock.now())
        body: UsageBody = _read_usage(asked.body)
        counted = await self._usage.count(self._event(body, panel, now))
        if counted.outcome not in _COUNTED:
            raise self._uncounted(counted, panel, now)
        answer = UsageAnswer(body.resource, counted.used, counted.limit, counted.remaining, counted.over_limit, counted.outcome == "applied")
        return Answered(_write(answer))

    async def update_usage_in_batch(self, asked: Asked) -> Answered:
        panel = await self._admit(asked, "usage", now := self._clock.now())
        body: UsageBatchBody = _read_batch(asked.body)
        results: list[UsageResult] = []
        for start in range(0, len(body.events), TOGETHER):
            part = body.events[start : start + TOGETHER]
            counted = await asyncio.gather(*(self._usage.count(self._event(event, panel, now)) for event in part))
            results += [self._result(event.event_id, one, panel, now) for event, one in zip(part, counted, strict=True)]
        return Answered(_write(UsageBatchAnswer(results)))

    def _event(self, body: UsageBody, panel: identity.PanelCaller, now: datetime) -> Event:
        happened = now if body.occurred_at is None else max(min(body.occurred_at, now), _EARLIEST)
        return Event(
            self._keys.hash(body.license_key), body.resource, body.action, body.count, body.event_id, happened, panel.server_id, new_id(), now
        )

    def _uncounted(self, counted: Counted, panel: identity.PanelCaller, now: datetime) -> Problem:
        if counted.outcome == "below_zero":
            return UsageBelowZero(f"{counted.used} are counted.", used=counted.used)
        if counted.outcome == "too_high":
            return Invalid(fields={"count": "the sum is too large to be counted"})
        if counted.outcome == "wrong_server":
            return LicenseRefused("The license belongs to another server", reason="wrong_server")
        if counted.outcome == "unknown_resource":
            return Invalid(fields={"resource": "the license has no such resource"})
        self._throttle.failed(panel.key_id, now)
        return LicenseNotFound()

    def _result(self, event_id: str, counted: Counted, panel: identity.PanelCaller, now: datetime) -> UsageResult:
        if counted.outcome in _COUNTED:
            return UsageResult(event_id, _COUNTED[counted.outcome], None, counted.used, counted.remaining, counted.over_limit)
        try:
            code = self._uncounted(counted, panel, now).code
        except RateLimited as limited:  # the other events are counted, and their results are to arrive
            code = limited.code
        return UsageResult(event_id, "refused", code)

    async def list_revocations(self, asked: Asked) -> Answered:
        panel = await self._admit(asked, "leases", self._clock.now())
        query = _query(asked.query)
        after, limit = query.get("after", [""])[0], _limit(query.get("limit", ["100"])[0])
        if not after:
            return _feed([], await newest_place(self._lines), asked)
        found = await revocations(self._lines, after=_place(after), server_id=panel.server_id, limit=limit)
        items = [RevocationItem(one.license_id, one.reason, one.revision, one.at) for one in found]  # type: ignore[arg-type]  # a CHECK keeps the words
        return _feed(items, found[-1].place if found else _place(after), asked)

    async def list_public_keys(self, asked: Asked) -> Answered:
        """Open: whoever has a lease may check it."""
        body = _write(msgspec.convert({"keys": await published_keys(self._lines, now=self._clock.now())}, PublicKeys))
        return _cacheable(body, asked, (b"cache-control", b"public, max-age=300"))

    async def _admit(self, asked: Asked, permission: str, now: datetime) -> identity.PanelCaller:
        """The panel that sent this very request, allowed to ask it. Strangers at its address, such as the sites that it hosts, don't shut it out."""
        try:
            panel = await self._panels.admit(_proof(asked), now=now)
        except identity.PanelRefused:
            self._throttle.failed(asked.address, now)
            raise
        panel.require(permission)
        return panel

    def _passed(self, facts: identity.PanelKeyFacts | None, request: identity.PanelRequest, permission: str, now: datetime) -> identity.PanelCaller:
        """As `_admit`, where the key was read along with the license."""
        try:
            panel = self._panels.judge(facts, request, now=now)
        except identity.PanelRefused:
            self._throttle.failed(request.address, now)
            raise
        panel.require(permission)
        return panel


def _proof(asked: Asked) -> identity.PanelRequest:
    headers = asked.headers
    return identity.PanelRequest(
        headers.get(b"x-api-key", b"").decode("latin-1"),
        headers.get(b"x-api-secret", b"").decode("latin-1"),
        headers.get(b"x-timestamp", b"").decode("latin-1"),
        asked.header(b"x-signature"),
        asked.method,
        asked.path_and_query,
        asked.body,
        asked.address,
    )


_COUNTED: Final[dict[str, Literal["applied", "known", "stale"]]] = {"applied": "applied", "known": "known", "stale": "stale"}


def _verdict(verdict: Verdict, lease: str | None) -> Allowed | Refused:
    signed = msgspec.UNSET if lease is None else lease
    if verdict.reason is None:
        return Allowed(True, verdict.remaining_quota, verdict.resource, verdict.expires_at, verdict.plan or "", verdict.checked_at, signed)
    return Refused(False, verdict.reason, verdict.error or "", 0, verdict.resource, verdict.checked_at, signed)


def _reservation(held: Reservation) -> ReservationAnswer:
    return ReservationAnswer(held.id, held.state, held.resource, held.quantity, held.remaining, held.expires_at)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ReservationNotFound from None


def _query(text: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(text.decode("latin-1"), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        raise Invalid(fields={"query": "at most 10 parameters"}) from None


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= FEED_MAX):
        raise Invalid(fields={"limit": f"a number from 1 to {FEED_MAX}"})
    return int(text)


def _place(text: str) -> Place:
    """A cursor that we gave, or 0: from the oldest that is kept."""
    parts = ("0-0" if text == "0" else text).split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        raise Invalid(fields={"after": "a cursor that was given as next_cursor, or 0"})
    return Place(int(parts[0]), int(parts[1]))


def _feed(items: Sequence[RevocationItem], place: Place, asked: Asked) -> Answered:
    body = _write(RevocationsAnswer(list(items), f"{place.xid}-{place.seq}", POLL_SECONDS))
    return _cacheable(body, asked)


def _cacheable(body: bytes, asked: Asked, *headers: tuple[bytes, bytes]) -> Answered:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'.encode()
    if asked.headers.get(b"if-none-match") == tag:
        return Answered(b"", 304, [(b"etag", tag), *headers])
    return Answered(body, 200, [(b"etag", tag), *headers])
