"""Tables of charging saved cards without the customer: what is to be collected when, and how fast the gateway is asked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

COLLECTION_STATES = "state in ('due','trying','waiting','collected','given_up','stopped')"


class CollectionRow(Base):
    """A payable that is to be charged to a saved card: on which day next, how often it was, and what came of it.

    `waiting`: the customer has to do something first; `given_up`: the schedule is at its end; `stopped`: paid another way, or cancelled."""

    __tablename__ = "payments_collection"

    payable_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    started_on: Mapped[date] = mapped_column(Date)
    next_try_on: Mapped[date | None] = mapped_column(Date)
    held_until: Mapped[datetime | None] = mapped_column(UTC_TIME)
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_attempt.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint(COLLECTION_STATES, name="state"),
        CheckConstraint("(state = 'due') = (next_try_on is not null)", name="due"),
        CheckConstraint("state <> 'trying' or attempt_id is not null", name="trying"),
        Index("ix_payments_collection_due", "next_try_on", "payable_id", postgresql_where=text("state = 'due'")),
    )


class PaceRow(Base):
    """Until when the gateway's share of changes has been given out; one row for all machines, technical time."""

    __tablename__ = "payments_pace"

    gateway: Mapped[str] = mapped_column(Text, primary_key=True)
    free_at: Mapped[datetime] = mapped_column(UTC_TIME)
