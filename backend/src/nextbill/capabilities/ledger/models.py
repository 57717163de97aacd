"""Journals and their entries. Append-only; a journal's entries come in one INSERT that balances per currency."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

MANY = "'revenue_hosting', 'revenue_domains', 'revenue_services', 'tax_payable', 'receivable', 'customer_credit'"
"""Accounts of which nobody asks for less than all, or by the customer: each billed line is in three of them."""


class JournalRow(Base):
    """`booked_on` is the accounting date, in the seller's time zone."""

    __tablename__ = "ledger_journal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference_type: Mapped[str] = mapped_column(Text)
    reference_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    booked_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("reference_id", "reference_type", "kind", name="uq_ledger_journal_fact"),
        Index("ix_ledger_journal_booked_on", "booked_on", postgresql_using="brin", postgresql_with={"pages_per_range": 32, "autosummarize": "on"}),
    )


class EntryRow(Base):
    """A journal's entries count from 1. `home_minor` is the amount in the company's own currency at `home_rate_ppm` (home units for a million units of
    `currency`).

    `product` says what a cost or an income belongs to: `tld:com`, `plan:professional`."""

    __tablename__ = "ledger_entry"

    journal_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(Text)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    customer_id: Mapped[UUID | None]
    home_minor: Mapped[int] = mapped_column(BigInteger)
    home_currency: Mapped[str] = mapped_column(CHAR(3))
    home_rate_ppm: Mapped[int] = mapped_column(BigInteger)
    product: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        CheckConstraint(
            "account in ('gateway_clearing','customer_credit','receivable','revenue_hosting','revenue_domains','tax_payable',"
            "'gateway_fees','refunds_pending','registrar_prepaid','cost_domains','write_off','bank','revenue_services','credit_adjustments')",
            name="account",
        ),
        CheckConstraint("account not in ('receivable','customer_credit') or customer_id is not null", name="customer"),
        CheckConstraint("home_rate_ppm > 0 and (home_currency <> currency or (home_minor = amount_minor and home_rate_ppm = 1000000))", name="home"),
        Index("ix_ledger_entry_customer_id", "customer_id", postgresql_where=text("customer_id is not null")),
        Index("ix_ledger_entry_account", "account", "customer_id", "currency", postgresql_where=text(f"account not in ({MANY})")),
        Index("uq_ledger_entry_credit", "customer_id", "journal_id", unique=True, postgresql_where=text("account = 'customer_credit'")),
        Index("ix_ledger_entry_product", "product", postgresql_where=text("product is not null")),
    )


class RateRow(Base):
    """What a currency was worth on a day: home units for a million units of it. Entries copy it, so that a correction changes no booking."""

    __tablename__ = "ledger_rate"

    currency: Mapped[str] = mapped_column(CHAR(3), primary_key=True)
    home_currency: Mapped[str] = mapped_column(CHAR(3), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    ppm: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (CheckConstraint("ppm > 0 and currency <> home_currency", name="ppm"),)


class ClosedMonthRow(Base):
    """A month into which nothing is booked any more: the database refuses it. Opened again by taking the row away."""

    __tablename__ = "ledger_closed_month"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    closed_by: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (CheckConstraint("extract(day from month) = 1", name="first_day"),)
