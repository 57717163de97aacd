"""Balances. Debit is positive: receivable above zero is owed to us, customer_credit below zero is owed by us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Subquery, func, select

from nextbill.capabilities.ledger.models import EntryRow, JournalRow
from nextbill.capabilities.ledger.rules import Account
from nextbill.runtime.database import ReadTx

_BY_CUSTOMER = (Account.RECEIVABLE, Account.CUSTOMER_CREDIT)


@dataclass(frozen=True, slots=True)
class DaySum:
    """What was booked on one day in one currency; debit above zero."""

    on: date
    currency: str
    amount_minor: int


async def balance(tx: ReadTx, account: Account, *, customer_id: UUID | None = None) -> dict[str, int]:
    """Minor units by currency; a currency without entries is absent."""
    statement = select(EntryRow.currency, func.sum(EntryRow.amount_minor)).where(EntryRow.account == account)
    if customer_id is not None:
        statement = statement.where(EntryRow.customer_id == customer_id)
    return {currency: int(amount) for currency, amount in await tx.execute(statement.group_by(EntryRow.currency))}


async def customer_balance(tx: ReadTx, customer_id: UUID) -> dict[str, int]:
    """What the customer owes us (above zero) or we owe the customer (below), by currency."""
    theirs = (EntryRow.customer_id == customer_id, EntryRow.account.in_(_BY_CUSTOMER))
    statement = select(EntryRow.currency, func.sum(EntryRow.amount_minor)).where(*theirs)
    return {currency: int(amount) for currency, amount in await tx.execute(statement.group_by(EntryRow.currency))}


async def by_day(tx: ReadTx, accounts: Sequence[Account], *, since: date, until: date, reference_type: str | None = None) -> list[DaySum]:
    """Turnover of the accounts taken together, by accounting date (both ends included) and currency; days of nothing are absent."""
    statement = (
        select(JournalRow.booked_on, EntryRow.currency, func.sum(EntryRow.amount_minor))
        .join(EntryRow, EntryRow.journal_id == JournalRow.id)
        .where(JournalRow.booked_on >= since, JournalRow.booked_on <= until, EntryRow.account.in_(accounts))
    )
    if reference_type is not None:
        statement = statement.where(JournalRow.reference_type == reference_type)
    rows = await tx.execute(statement.group_by(JournalRow.booked_on, EntryRow.currency).order_by(JournalRow.booked_on, EntryRow.currency))
    return [DaySum(on, currency, int(amount)) for on, currency, amount in rows]


async def trial_balance(tx: ReadTx) -> dict[str, int]:
    """The sum of everything by currency: zero, always."""
    statement = select(EntryRow.currency, func.sum(EntryRow.amount_minor)).group_by(EntryRow.currency)
    return {currency: int(amount) for currency, amount in await tx.execute(statement)}


async def is_posted(tx: ReadTx, *, reference_type: str, reference_id: UUID, kind: str) -> bool:
    same = (JournalRow.reference_type == reference_type, JournalRow.reference_id == reference_id, JournalRow.kind == kind)
    return (await tx.execute(select(JournalRow.id).where(*same))).first() is not None


def balances_by_customer(account: Account) -> Subquery:
    """For joining: customer_id, currency, amount_minor; one row each, none at zero."""
    total = func.sum(EntryRow.amount_minor)
    statement = select(EntryRow.customer_id, EntryRow.currency, total.label("amount_minor")).where(EntryRow.account == account)
    return statement.group_by(EntryRow.customer_id, EntryRow.currency).having(total != 0).subquery()


def booked(account: Account, *, reference_type: str, kind: str) -> Subquery:
    """For joining: reference_id, currency, amount_minor that the fact's journal put on the account."""
    statement = (
        select(JournalRow.reference_id, EntryRow.currency, func.sum(EntryRow.amount_minor).label("amount_minor"))
        .join(EntryRow, EntryRow.journal_id == JournalRow.id)
        .where(JournalRow.reference_type == reference_type, JournalRow.kind == kind, EntryRow.account == account)
    )
    return statement.group_by(JournalRow.reference_id, EntryRow.currency).subquery()
