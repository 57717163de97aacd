"""What goes over the wire between panels and the license path. Structs: the OpenAPI document is made from the same."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from nextbill.capabilities.licensing.rules.leases import RevocationReason
from nextbill.capabilities.licensing.rules.usage import COUNT_MAX, QUANTITY_MAX, TTL_SECONDS, TTL_SECONDS_MAX, ReservationState, UsageAction
from nextbill.capabilities.licensing.rules.verdict import Reason

KEY, LICENSE, RESERVATION = "NP-7K4M-Q2XD-9TRW", "0190f3c8-5a5c-7d2e-8f6b-0d5d5f1b2a3c", "0190f3c8-6b1e-7c44-9d0f-3f2a8b7c6d5e"
MOMENT = "2026-11-20T12:00:00Z"

LicenseKey = Annotated[str, Meta(min_length=1, max_length=64, description="As issued; case and blanks around it do no harm", examples=[KEY])]
Resource = Annotated[
    str, Meta(min_length=1, max_length=64, description="accounts, domains, databases, emails, or one that the plan names", examples=["databases"])
]
PanelsOwnId = Annotated[str, Meta(min_length=1, max_length=128, description="The panel's own, by which a repeated request is known")]


class ValidateBody(Struct, forbid_unknown_fields=True):
    """May the holder of this license do this now? `feature` left out checks the license alone; `lease` adds a signed lease."""

    license_key: LicenseKey
    feature: Annotated[str, Meta(min_length=1, max_length=64, examples=["create_database"])] | None = None
    lease: bool = False


class Allowed(Struct, omit_defaults=False):
    """`remaining_quota` is null where unlimited, and where no resource was asked for."""

    valid: Literal[True]
    remaining_quota: Annotated[int, Meta(examples=[5])] | None
    resource: Annotated[str, Meta(examples=["databases"])] | None
    expires_at: Annotated[datetime, Meta(examples=["2026-12-20T00:00:00Z"])] | None
    plan: Annotated[str, Meta(examples=["professional"])]
    checked_at: Annotated[datetime, Meta(examples=[MOMENT])]
    lease: Annotated[str, Meta(description="Where asked for: an EdDSA JWT")] | UnsetType = UNSET


class Refused(Struct):
    """A refusal is a 200 too: the question was answered."""

    valid: Literal[False]
    reason: Annotated[Reason, Meta(examples=["quota_exceeded"])]
    error: Annotated[str, Meta(examples=["Database quota exceeded"])]
    remaining_quota: Annotated[int, Meta(examples=[0])]
    resource: Annotated[str, Meta(examples=["databases"])] | None
    checked_at: Annotated[datetime, Meta(examples=[MOMENT])]
    lease: Annotated[str, Meta(description="Where asked for and the license as a whole stands")] | UnsetType = UNSET


class ReserveBody(Struct, forbid_unknown_fields=True):
    """Holds units until they are committed or released, or the time is up."""

    license_key: LicenseKey
    resource: Resource
    external_id: PanelsOwnId
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)] = 1
    ttl_seconds: Annotated[int, Meta(ge=1, le=TTL_SECONDS_MAX)] = TTL_SECONDS


class ReservationAnswer(Struct):
    """`remaining_quota`: what is left beside all that is held; null where unlimited."""

    id: Annotated[UUID, Meta(examples=[RESERVATION])]
    status: Annotated[ReservationState, Meta(examples=["held"])]
    resource: Annotated[str, Meta(examples=["databases"])]
    quantity: Annotated[int, Meta(examples=[1])]
    remaining_quota: Annotated[int, Meta(examples=[4])] | None
    expires_at: Annotated[datetime, Meta(examples=["2026-11-20T12:05:00Z"])]


class UsageBody(Struct, forbid_unknown_fields=True):
    """What has come to exist, or no longer does. A report that `set`s a count is ordered by `occurred_at`: an older one than the last changes nothing."""

    license_key: LicenseKey
    resource: Resource
    action: UsageAction
    event_id: PanelsOwnId
    count: Annotated[int, Meta(ge=0, le=COUNT_MAX)] = 1
    occurred_at: Annotated[datetime, Meta(tz=True, examples=[MOMENT])] | None = None


class UsageAnswer(Struct):
    """`applied` false: the event was known, or is older than the last report that set the count."""

    resource: Annotated[str, Meta(examples=["databases"])]
    used: Annotated[int, Meta(examples=[4])]
    limit: Annotated[int, Meta(examples=[50])] | None
    remaining_quota: Annotated[int, Meta(examples=[46])] | None
    over_limit: Annotated[bool, Meta(examples=[False])]
    applied: Annotated[bool, Meta(examples=[True])]


class UsageBatchBody(Struct, forbid_unknown_fields=True):
    """Each event stands alone: one that is refused does not hold up the others."""

    events: Annotated[list[UsageBody], Meta(min_length=1, max_length=500)]


class UsageResult(Struct, omit_defaults=True):
    """`code` where refused: the code of the problem that `POST /usage/update` would answer with."""

    event_id: str
    status: Literal["applied", "known", "stale", "refused"]
    code: str | None = None
    used: int | None = None
    remaining_quota: int | None = None
    over_limit: bool | None = None


class UsageBatchAnswer(Struct):
    """In the order of the events."""

    results: list[UsageResult]


class RevocationItem(Struct):
    """Leases of this license whose `rev` is lower than `revision` are void."""

    license_id: Annotated[UUID, Meta(examples=[LICENSE])]
    reason: Annotated[RevocationReason, Meta(examples=["suspended"])]
    revision: Annotated[int, Meta(examples=[7])]
    at: Annotated[datetime, Meta(examples=[MOMENT])]


class RevocationsAnswer(Struct):
    """`next_cursor` is what to ask `after` next time, in `poll_after_seconds` or at once where the page was full."""

    items: list[RevocationItem]
    next_cursor: Annotated[str, Meta(examples=["748-12"])]
    poll_after_seconds: Annotated[int, Meta(examples=[30])]


class PublicKey(Struct):
    """A JSON Web Key (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    kid: str
    x: str
    use: Literal["sig"]
    alg: Literal["EdDSA"]


class PublicKeys(Struct):
    keys: list[PublicKey]
