"""Journals and their entries. Append-only; a journal's entries come in one INSERT that balances per currency."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


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
        UniqueConstraint("reference_type", "reference_id", "kind", name="uq_ledger_journal_fact"),
        Index("ix_ledger_journal_booked_on", "booked_on"),
    )


class EntryRow(Base):
    __tablename__ = "ledger_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_journal.id"))
    account: Mapped[str] = mapped_column(Text)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers_customer.id"))

    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount"),
        CheckConstraint(
            "account in ('gateway_clearing','customer_credit','receivable','revenue_hosting','revenue_domains','tax_payable',"
            "'gateway_fees','refunds_pending','registrar_prepaid','cost_domains','write_off')",
            name="account",
        ),
        CheckConstraint("account not in ('receivable','customer_credit') or customer_id is not null", name="customer"),
        Index("ix_ledger_entry_journal_id", "journal_id"),
        Index("ix_ledger_entry_account", "account", "customer_id", "currency"),
        Index("ix_ledger_entry_customer_id", "customer_id"),
    )
