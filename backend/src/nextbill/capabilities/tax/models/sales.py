"""The VAT book: what was invoiced and credited, by country and rate; the threshold's counter; what staff has to look at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class SaleRow(Base):
    """The part of a document that one country taxes at one rate; below zero on credit notes. Append-only.

    `after_minor`: the threshold's sum after this row, written by the database where the row `counts`."""

    __tablename__ = "tax_sale"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers_customer.id"))
    document_type: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID]
    document_number: Mapped[str | None] = mapped_column(Text)
    on_day: Mapped[date] = mapped_column(Date)
    buyer_country: Mapped[str] = mapped_column(CHAR(2))
    place: Mapped[str | None] = mapped_column(CHAR(2))
    scheme: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    rate_ppm: Mapped[int]
    currency: Mapped[str] = mapped_column(CHAR(3))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    home_currency: Mapped[str] = mapped_column(CHAR(3))
    home_net_minor: Mapped[int] = mapped_column(BigInteger)
    home_tax_minor: Mapped[int] = mapped_column(BigInteger)
    home_rate_ppm: Mapped[int] = mapped_column(BigInteger)
    tax_id: Mapped[str | None] = mapped_column(Text)
    tax_id_state: Mapped[str] = mapped_column(Text)
    counts: Mapped[bool]
    after_minor: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("document_type", "document_id", "scheme", "category", "rate_ppm"),
        CheckConstraint(
            "scheme in ('rules','domestic','home','destination','reverse_charge','outside','small_business','certificate')", name="scheme"
        ),
        CheckConstraint("(after_minor is not null) = counts", name="counted"),
        CheckConstraint("home_rate_ppm > 0", name="home_rate"),
        Index("ix_tax_sale_on_day", "on_day"),
        Index("ix_tax_sale_customer_id", "customer_id", "id"),
    )


class ThresholdRow(Base):
    """The year's supplies to consumers in other member states, in home currency. Only the database's own trigger writes it.

    `highest_minor` never falls: a threshold that was crossed stays crossed, whatever is credited later."""

    __tablename__ = "tax_threshold"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    highest_minor: Mapped[int] = mapped_column(BigInteger)


class TaskRow(Base):
    """Something about tax that a person decides. `subject` is what it is about, one task of a kind for each."""

    __tablename__ = "tax_task"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UTC_TIME)
    closed_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    closed_by: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("kind", "subject_type", "subject_id"),
        CheckConstraint("kind in ('location_conflict','late_proof','wrong_place')", name="kind"),
        CheckConstraint("state in ('open','done','dismissed') and (state = 'open') = (closed_at is null)", name="state"),
        Index("ix_tax_task_open", "id", postgresql_where=text("state = 'open'")),
        Index("ix_tax_task_customer_id", "customer_id"),
    )
