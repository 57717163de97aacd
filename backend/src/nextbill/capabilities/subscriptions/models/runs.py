"""Billing runs, and what each of their chunks did."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class RunRow(Base):
    """A run over everything that is due by `on_day`; one at a time. `max_lines`: the brake, after which it stops. A stopped one is started again by
    staff only."""

    __tablename__ = "subscriptions_run"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    on_day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    started_by: Mapped[str] = mapped_column(Text)
    max_lines: Mapped[int | None]
    stopped_because: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UTC_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("state in ('running','done','stopped')", name="state"),
        CheckConstraint("max_lines > 0", name="max_lines"),
        CheckConstraint("(state = 'running') = (ended_at is null)", name="ended"),
        CheckConstraint("(state = 'stopped') = (stopped_because is not null)", name="stopped"),
        Index("uq_subscriptions_run_running", "state", unique=True, postgresql_where=text("state = 'running'")),
    )


class ChunkRow(Base):
    """What one transaction of a run wrote. `free`: periods for which nothing was to be paid. Append-only, so that chunks do not wait for each other."""

    __tablename__ = "subscriptions_run_chunk"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions_run.id"))
    lines: Mapped[int]
    free: Mapped[int]
    set_aside: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("lines >= 0 and free >= 0 and set_aside >= 0", name="counts"),
        Index("ix_subscriptions_run_chunk_run", "run_id", "id"),
    )


class SumRow(Base):
    """A chunk's invoices in one currency."""

    __tablename__ = "subscriptions_run_sum"

    chunk_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions_run_chunk.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(CHAR(3), primary_key=True)
    invoices: Mapped[int]
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (CheckConstraint("invoices > 0 and net_minor >= 0 and tax_minor >= 0 and total_minor = net_minor + tax_minor", name="amounts"),)
