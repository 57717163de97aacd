"""What people see of licenses and their use."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from nextbill.capabilities.licensing.http.shapes import KEY, LICENSE
from nextbill.capabilities.licensing.queries.leases import SigningKey
from nextbill.capabilities.licensing.queries.licenses import License
from nextbill.capabilities.licensing.queries.usage import Alert, Day, Hold, ResourceReport
from nextbill.capabilities.licensing.rules.verdict import Quota, StaffReason
from nextbill.runtime.web.shapes import Body

SERVER = "0190f3c8-7c2f-7a55-8e1a-4b3c9d8e7f60"
Reason = Annotated[str, StringConstraints(min_length=3, max_length=500), Field(examples=["Asked for by telephone"])]
Limit = Annotated[int, Field(ge=0, le=1_000_000_000)] | None | Literal["plan"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]


class QuotaBody(BaseModel):
    """`limit`, `remaining` and `percent` are null where unlimited. `overridden`: staff gave this license a limit of its own."""

    resource: str = Field(examples=["databases"])
    limit: int | None = Field(examples=[50])
    used: int = Field(examples=[3])
    reserved: int = Field(examples=[0])
    remaining: int | None = Field(examples=[47])
    percent: int | None = Field(examples=[6])
    over_limit: bool = Field(examples=[False])
    overridden: bool = Field(examples=[False])
    plan_limit: int | None = Field(examples=[50])

    @classmethod
    def of(cls, resource: str, quota: Quota) -> Self:
        return cls(
            resource=resource,
            limit=quota.limit,
            used=quota.used,
            reserved=quota.reserved,
            remaining=quota.remaining,
            percent=quota.percent,
            over_limit=quota.over_limit,
            overridden=quota.overridden,
            plan_limit=quota.plan_limit,
        )


class LicenseBody(BaseModel):
    """A license without its key: `key_hint` shows the last group, `POST …/reveal` the whole."""

    id: UUID = Field(examples=[LICENSE])
    plan: str = Field(examples=["professional"])
    plan_name: str = Field(examples=["Professional"])
    features: list[str] = Field(examples=[["priority_support"]])
    key_hint: str = Field(examples=["NP-••••-••••-9TRW"])
    status: str = Field(examples=["active"])
    suspension_reasons: list[str] = Field(examples=[[]])
    expires_at: datetime | None = Field(examples=["2026-12-20T00:00:00Z"])
    issued_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])
    server_id: UUID | None = Field(examples=[SERVER])
    key_rotated_at: datetime | None = Field(examples=[None])
    quotas: list[QuotaBody]

    @classmethod
    def of(cls, found: License) -> Self:
        return cls(
            id=found.id,
            plan=found.plan_code,
            plan_name=found.plan_name,
            features=list(found.features),
            key_hint=found.key_hint,
            status=found.state,
            suspension_reasons=list(found.suspension_reasons),
            expires_at=found.expires_at,
            issued_at=found.issued_at,
            server_id=found.server_id,
            key_rotated_at=found.key_rotated_at,
            quotas=[QuotaBody.of(name, quota) for name, quota in found.quotas.items()],
        )


class RevealedBody(BaseModel):
    license_key: str = Field(examples=[KEY])


class UsageQuotaBody(BaseModel):
    """What a license allows and what of it is used. `period` is the month that alerts go by."""

    license_id: UUID = Field(examples=[LICENSE])
    plan: str = Field(examples=["professional"])
    status: str = Field(examples=["active"])
    expires_at: datetime | None
    period: str = Field(examples=["2026-11"])
    quotas: list[QuotaBody]

    @classmethod
    def of(cls, found: License, *, month: date) -> Self:
        quotas = [QuotaBody.of(name, quota) for name, quota in found.quotas.items()]
        return cls(license_id=found.id, plan=found.plan_code, status=found.state, expires_at=found.expires_at, period=f"{month:%Y-%m}", quotas=quotas)


class ReportLineBody(BaseModel):
    """`peak`: the most at any time; `highest_percent` of the limit as it was then, null where unlimited."""

    resource: str = Field(examples=["databases"])
    limit: int | None
    used: int
    created: int
    deleted: int
    peak: int
    highest_percent: int | None

    @classmethod
    def of(cls, line: ResourceReport) -> Self:
        return cls(
            resource=line.resource,
            limit=line.limit,
            used=line.used,
            created=line.created,
            deleted=line.deleted,
            peak=line.peak,
            highest_percent=line.highest_percent,
        )


class UsageReportBody(BaseModel):
    """Both days are within it."""

    license_id: UUID = Field(examples=[LICENSE])
    from_day: date = Field(serialization_alias="from")
    to_day: date = Field(serialization_alias="to")
    resources: list[ReportLineBody]


class UsageDayBody(BaseModel):
    """`used` at the day's end, in the seller's time zone. Between the days that are listed nothing changed."""

    day: date
    resource: str = Field(examples=["databases"])
    used: int
    peak: int
    created: int
    deleted: int

    @classmethod
    def of(cls, day: Day) -> Self:
        return cls(day=day.day, resource=day.resource, used=day.used, peak=day.peak, created=day.created, deleted=day.deleted)


class UsageHistoryBody(BaseModel):
    license_id: UUID = Field(examples=[LICENSE])
    from_day: date = Field(serialization_alias="from")
    to_day: date = Field(serialization_alias="to")
    days: list[UsageDayBody]


class AlertBody(BaseModel):
    """`threshold` percent of the limit were reached: told once in a month for each limit."""

    id: UUID
    license_id: UUID = Field(examples=[LICENSE])
    resource: str = Field(examples=["databases"])
    threshold: int = Field(examples=[90])
    used: int = Field(examples=[45])
    limit: int = Field(examples=[50])
    period: str = Field(examples=["2026-11"])
    raised_at: datetime

    @classmethod
    def of(cls, alert: Alert) -> Self:
        return cls(
            id=alert.id,
            license_id=alert.license_id,
            resource=alert.resource,
            threshold=alert.threshold,
            used=alert.used,
            limit=alert.limit,
            period=f"{alert.period:%Y-%m}",
            raised_at=alert.raised_at,
        )


class StatusBody(Body):
    """`reason` is the one that is added or taken back; a license is active again when none is left. Cancelled is final."""

    status: Literal["active", "suspended", "cancelled"]
    reason: StaffReason | None = None
    note: Reason


class LimitsBody(Body):
    """Only what is named changes. A limit of null is unlimited, `"plan"` gives back the plan's; a feature is given, taken, or `"plan"`."""

    limits: dict[Name, Limit] = Field(default_factory=dict, max_length=50, examples=[{"databases": 80, "emails": None, "domains": "plan"}])
    features: dict[Name, bool | Literal["plan"]] = Field(default_factory=dict, max_length=50, examples=[{"staging": True}])
    reason: Reason


class ReasonBody(Body):
    reason: Reason


class MoveBody(Body):
    server_id: UUID = Field(examples=[SERVER])
    reason: Reason


class ExtendBody(Body):
    """Grace included; an end is never moved back."""

    expires_at: datetime
    reason: Reason


class RotateSigningKeyBody(Body):
    """`compromised`: the key is in wrong hands. The new one signs at once and the others are shown no more, so that their leases are void."""

    reason: Reason
    compromised: bool = False


class HoldBody(BaseModel):
    id: UUID
    resource: str
    quantity: int
    external_id: str
    status: str = Field(examples=["held"])
    expires_at: datetime
    created_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, hold: Hold) -> Self:
        return cls(
            id=hold.id,
            resource=hold.resource,
            quantity=hold.quantity,
            external_id=hold.external_id,
            status=hold.state,
            expires_at=hold.expires_at,
            created_at=hold.created_at,
            settled_at=hold.settled_at,
        )


class SigningKeyBody(BaseModel):
    """Never the private half."""

    id: UUID
    kid: str
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    published_until: datetime | None

    @classmethod
    def of(cls, key: SigningKey) -> Self:
        return cls(
            id=key.id,
            kid=key.kid,
            created_at=key.created_at,
            signs_from=key.signs_from,
            signs_until=key.signs_until,
            published_until=key.published_until,
        )
