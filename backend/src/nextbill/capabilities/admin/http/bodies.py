"""Shapes of staff's desk on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from nextbill.capabilities.admin.queries.orders import OrderItem
from nextbill.capabilities.admin.queries.parked import Parked
from nextbill.capabilities.admin.queries.timeline import Timeline
from nextbill.capabilities.admin.rules import Actor, Entry
from nextbill.runtime.jobs import QueuedJob
from nextbill.runtime.web.shapes import Body, MoneyBody

LEAST_LETTERS = 3


class ReasonBody(Body):
    """Why; kept in the audit log."""

    reason: str = Field(min_length=3, max_length=500, examples=["Topped up the registrar's balance"])

    @field_validator("reason")
    @classmethod
    def _says_something(cls, reason: str) -> str:
        if sum(sign.isalnum() for sign in reason) < LEAST_LETTERS:
            raise ValueError("Say why, in a few words.")
        return reason


class OrderItemBody(BaseModel):
    """`attention`: a line waits for somebody."""

    id: UUID
    number: str | None = Field(examples=["ORD-2026-000042"])
    state: str = Field(examples=["paid"])
    total: MoneyBody
    customer_id: UUID
    customer_number: str
    customer_name: str
    email: str = Field(examples=["ada@example.com"])
    domains: list[str] = Field(examples=[["example.com"]])
    attention: bool
    placed_at: datetime
    paid_at: datetime | None

    @classmethod
    def of(cls, item: OrderItem) -> OrderItemBody:
        return cls(
            id=item.id,
            number=item.number,
            state=item.state,
            total=MoneyBody.of(item.total),
            customer_id=item.customer_id,
            customer_number=item.customer_number,
            customer_name=item.customer_name,
            email=item.email,
            domains=list(item.domains),
            attention=item.attention,
            placed_at=item.placed_at,
            paid_at=item.paid_at,
        )


class EntryBody(BaseModel):
    """`who` acts next on it; null where nobody has to. `request_id` is the vendor's own reference."""

    id: str
    at: datetime
    kind: str = Field(examples=["call"], description="event, payment, refund, webhook, step, look, call, mail or staff")
    what: str = Field(examples=["domains.register"])
    state: str | None = Field(examples=["in_doubt"])
    reason: str | None = Field(examples=["timeout"])
    detail: str | None
    who: Actor | None
    actor: str | None = Field(
        description="who did it, where a person or the system did it by hand", examples=["staff:0199d3a0-7a50-7c44-9d52-1f2f6a3c9b10"]
    )
    subject_type: str | None = Field(examples=["domain"])
    subject_id: UUID | None
    request_id: str | None = Field(examples=["req_1a2b3c"])
    milliseconds: int | None = Field(examples=[412])

    @classmethod
    def of(cls, entry: Entry) -> EntryBody:
        return cls(
            id=entry.id,
            at=entry.at,
            kind=entry.kind,
            what=entry.what,
            state=entry.state,
            reason=entry.reason,
            detail=entry.detail,
            who=entry.who,
            actor=entry.actor,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            request_id=entry.request_id,
            milliseconds=entry.milliseconds,
        )


class NextBody(BaseModel):
    who: Actor
    what: str = Field(examples=["domains.register is parked: mend its cause, then retry"])


class JobBody(BaseModel):
    """`created` and `due` are technical time, not the business clock's. `status`: queued, picked or failed."""

    id: int
    job: str = Field(examples=["payments.settle"])
    status: str = Field(examples=["failed"])
    attempts: int
    error: str | None
    created: datetime
    due: datetime

    @classmethod
    def of(cls, job: QueuedJob) -> JobBody:
        return cls(id=job.id, job=job.name, status=job.status, attempts=job.attempts, error=job.error, created=job.created, due=job.due)


class FailedJobBody(JobBody):
    """`payload` holds references only."""

    payload: dict[str, Any]
    correlation: str

    @classmethod
    def of(cls, job: QueuedJob) -> FailedJobBody:
        return cls(**JobBody.of(job).model_dump(), payload=job.payload, correlation=job.correlation)


class FailedJobsPage(BaseModel):
    items: list[FailedJobBody]
    next_before: int | None


class TimelineBody(BaseModel):
    """`next`: everything that is waited for, staff's part first; empty where the order has come to its end. `truncated`: there is more."""

    order_id: UUID
    number: str | None = Field(examples=["ORD-2026-000042"])
    state: str
    customer_id: UUID
    next: list[NextBody]
    entries: list[EntryBody]
    jobs: list[JobBody]
    truncated: bool

    @classmethod
    def of(cls, found: Timeline) -> TimelineBody:
        return cls(
            order_id=found.order.id,
            number=found.order.number,
            state=found.order.state,
            customer_id=found.order.customer_id,
            next=[NextBody(who=item.who, what=item.what) for item in found.next],
            entries=[EntryBody.of(entry) for entry in found.entries],
            jobs=[JobBody.of(job) for job in found.jobs],
            truncated=found.truncated,
        )


class ParkedBody(BaseModel):
    """`cause` in words; `reason` and `detail` as the vendor's answer was understood."""

    step_id: UUID
    step: str = Field(examples=["domains.register"])
    subject_type: str = Field(examples=["domain"])
    subject_id: UUID
    subject: str = Field(examples=["example.com"])
    order_id: UUID | None
    customer_id: UUID | None
    customer: str | None
    email: str | None
    cause: str = Field(examples=["The balance at the registrar does not cover it. Top up there, then retry."])
    reason: str | None = Field(examples=["no_funds"])
    detail: str | None
    since: datetime
    retry_would: str
    correlation: str

    @classmethod
    def of(cls, parked: Parked) -> ParkedBody:
        return cls(
            step_id=parked.step_id,
            step=parked.step,
            subject_type=parked.subject_type,
            subject_id=parked.subject_id,
            subject=parked.subject,
            order_id=parked.order_id,
            customer_id=parked.customer_id,
            customer=parked.customer,
            email=parked.email,
            cause=parked.cause,
            reason=parked.reason,
            detail=parked.detail,
            since=parked.since,
            retry_would=parked.retry_would,
            correlation=parked.correlation,
        )


class FindingBody(BaseModel):
    """No violations: the rule holds. A violation names the row."""

    name: str = Field(examples=["ledger_balances"])
    promise: str
    violations: list[str]


class InvariantsBody(BaseModel):
    checked_at: datetime
    hold: bool
    invariants: list[FindingBody]
