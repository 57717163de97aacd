"""Tables of the machinery itself: events, reactions, steps, vendor calls, inbox, idempotency keys, ticks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base

UTC_TIME = TIMESTAMP(timezone=True)
STEP_STATES = ("requested", "calling", "pending", "in_doubt", "parked", "succeeded", "refused", "withdrawn")
OPEN_STEP_STATES = ("requested", "calling", "pending", "in_doubt")


class EventRow(Base):
    """A published fact, in the order of publishing. Append-only."""

    __tablename__ = "runtime_event"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    name: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    customer_id: Mapped[UUID | None]
    correlation: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (Index("ix_runtime_event_customer_id", "customer_id", "seq"),)


class ReactionRow(Base):
    """A reaction that has run for an event: its primary key makes the second run a no-op."""

    __tablename__ = "runtime_reaction"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    reaction: Mapped[str] = mapped_column(Text, primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UTC_TIME)


class StepRow(Base):
    """One deed at a vendor's. `claimed_until` and `next_at` are technical (wall) time; `absent_since` is the business clock's.
    `certain`: the last outcome says that the deed was not done."""

    __tablename__ = "runtime_step"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text)
    key_version: Mapped[int] = mapped_column(server_default=text("1"))
    calls: Mapped[int] = mapped_column(server_default=text("0"))
    looks: Mapped[int] = mapped_column(server_default=text("0"))
    cut_offs: Mapped[int] = mapped_column(server_default=text("0"))
    certain: Mapped[bool] = mapped_column(server_default=text("true"))
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    absent_since: Mapped[datetime | None] = mapped_column(UTC_TIME)
    claim: Mapped[UUID | None]
    claimed_until: Mapped[datetime | None] = mapped_column(UTC_TIME)
    next_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    correlation: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UTC_TIME)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("name", "subject_id"),
        CheckConstraint("state in ('requested','calling','pending','in_doubt','parked','succeeded','refused','withdrawn')", name="state"),
        Index("ix_runtime_step_open", "next_at", postgresql_where=text("state in ('requested','calling','pending','in_doubt')")),
        Index("ix_runtime_step_parked", "changed_at", postgresql_where=text("state = 'parked'")),
        Index("ix_runtime_step_subject", "subject_id"),
    )


class VendorCallRow(Base):
    """One look or deed at a vendor's and what came of it, for the timeline. References only, no bodies."""

    __tablename__ = "runtime_vendor_call"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    step_id: Mapped[UUID]
    phase: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    milliseconds: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (CheckConstraint("phase in ('look','call')", name="phase"), Index("ix_runtime_vendor_call_step_id", "step_id", "at"))


class InboxRow(Base):
    """What came in from outside, stored before it is looked at. The body is encrypted; `subject_id` is what it says it is about."""

    __tablename__ = "runtime_inbox"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID | None]
    received_at: Mapped[datetime] = mapped_column(UTC_TIME)
    processed_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    outcome: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("source", "external_id"), Index("ix_runtime_inbox_subject_id", "subject_id"))


class IdempotencyRow(Base):
    """A caller's key, the request it came with, and the answer that it gets for ever (24 hours)."""

    __tablename__ = "runtime_idempotency"

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    locked_until: Mapped[datetime | None] = mapped_column(UTC_TIME)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)


class TickRow(Base):
    """When a tick last fired (wall time), so that of many workers one fires."""

    __tablename__ = "runtime_tick"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    fired_at: Mapped[datetime] = mapped_column(UTC_TIME)


class TransitionRow(Base):
    """The moves that a state machine allows; a trigger on each machine's table refuses all others."""

    __tablename__ = "runtime_transition"

    machine: Mapped[str] = mapped_column(Text, primary_key=True)
    from_state: Mapped[str] = mapped_column(Text, primary_key=True)
    to_state: Mapped[str] = mapped_column(Text, primary_key=True)
