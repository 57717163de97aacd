"""Balances. Debit is positive: receivable above zero is owed to us, customer_credit below zero is owed by us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, func, or_, select, text

from nextbill.capabilities.ledger.errors import EntryNotFound
from nextbill.capabilities.ledger.models import ClosedMonthRow, EntryRow, JournalRow, RateRow
from nextbill.capabilities.ledger.rules import Account, month_of
from nextbill.kernel.money import Money
from nextbill.runtime.bulk import uuids
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging

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


@dataclass(frozen=True, slots=True)
class AccountMovement:
    """What a journal changed of what the customer owes us; above zero it owes more."""

    on: date
    kind: str
    reference_type: str
    reference_id: UUID
    amount_minor: int


async def account_before(tx: ReadTx, customer_id: UUID, *, currency: str, day: date) -> int:
    """What the customer owed us when the day began, in minor units; below zero we owed the customer."""
    statement = select(func.coalesce(func.sum(EntryRow.amount_minor), 0)).join(JournalRow, JournalRow.id == EntryRow.journal_id)
    return int((await tx.execute(statement.where(*_on_account(customer_id, currency), JournalRow.booked_on < day))).scalar_one())


async def account_movements(tx: ReadTx, customer_id: UUID, *, currency: str, since: date, until: date, limit: int) -> list[AccountMovement]:
    """Oldest first, both days included; what only moves money between a customer's own accounts is left out."""
    total = func.sum(EntryRow.amount_minor)
    told = (JournalRow.booked_on, JournalRow.kind, JournalRow.reference_type, JournalRow.reference_id)
    statement = (
        select(*told, total)
        .join(EntryRow, EntryRow.journal_id == JournalRow.id)
        .where(*_on_account(customer_id, currency), JournalRow.booked_on >= since, JournalRow.booked_on <= until)
        .group_by(JournalRow.id, *told)
        .having(total != 0)
        .order_by(JournalRow.booked_on, JournalRow.id)
    )
    rows = await tx.execute(statement.limit(limit))
    return [AccountMovement(on, kind, about, about_id, int(amount)) for on, kind, about, about_id, amount in rows]


def _on_account(customer_id: UUID, currency: str) -> tuple[ColumnElement[bool], ...]:
    return (EntryRow.customer_id == customer_id, EntryRow.currency == currency, EntryRow.account.in_(_BY_CUSTOMER))


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
    """For joining: reference_id, currency, amount_minor that the fact's journals put on the account: those of the kind, and its
    repetitions (`settlement`, `settlement-2`, …)."""
    kinds = or_(JournalRow.kind == kind, JournalRow.kind.like(f"{kind}-%"))
    statement = (
        select(JournalRow.reference_id, EntryRow.currency, func.sum(EntryRow.amount_minor).label("amount_minor"))
        .join(EntryRow, EntryRow.journal_id == JournalRow.id)
        .where(JournalRow.reference_type == reference_type, kinds, EntryRow.account == account)
    )
    return statement.group_by(JournalRow.reference_id, EntryRow.currency).subquery()


@dataclass(frozen=True, slots=True)
class Rate:
    """`ppm`: home units for a million units of the currency."""

    currency: str
    home_currency: str
    day: date
    ppm: int
    source: str


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    month: date
    closed_by: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """`amount` is signed, debit above zero. `home` is the same at `home_rate_ppm`. A journal's entries count from 1."""

    position: int
    account: str
    amount: Money
    home: Money
    home_rate_ppm: int
    customer_id: UUID | None
    product: str | None


@dataclass(frozen=True, slots=True)
class BookedJournal:
    """A fact as it stands in the books."""

    id: UUID
    reference_type: str
    reference_id: UUID
    kind: str
    description: str
    booked_on: date
    created_at: datetime
    entries: tuple[BookedEntry, ...]


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """A movement of a customer's credit; above zero it grew. A journal moves it once."""

    journal_id: UUID
    position: int
    amount: Money
    booked_on: date
    description: str
    kind: str
    reference_type: str
    reference_id: UUID


async def rate_on(tx: ReadTx, *, currency: str, home: str, on: date) -> Rate | None:
    """The day's, else the last one known before it."""
    of_pair = (RateRow.currency == currency, RateRow.home_currency == home, RateRow.day <= on)
    row = (await tx.execute(select(RateRow).where(*of_pair).order_by(RateRow.day.desc()).limit(1))).scalar_one_or_none()
    return _rate(row) if row else None


async def rates_of(tx: ReadTx, *, reference_type: str, reference_id: UUID, kind: str) -> dict[str, int]:
    """At which rates a fact was booked, by currency; nothing where it was not, or in another home currency than today's."""
    fact = (JournalRow.reference_type == reference_type, JournalRow.reference_id == reference_id, JournalRow.kind == kind)
    statement = select(EntryRow.currency, EntryRow.home_rate_ppm).join(JournalRow, JournalRow.id == EntryRow.journal_id).where(*fact)
    rows = await tx.execute(statement.where(EntryRow.home_currency == tx.home_currency).distinct())
    return {currency: int(ppm) for currency, ppm in rows}


async def list_rates(tx: ReadTx, *, home: str, currency: str | None = None, limit: int = 200) -> list[Rate]:
    """Youngest first."""
    statement = select(RateRow).where(RateRow.home_currency == home)
    if currency is not None:
        statement = statement.where(RateRow.currency == currency)
    rows = await tx.execute(statement.order_by(RateRow.day.desc(), RateRow.currency).limit(limit))
    return [_rate(row) for row in rows.scalars()]


async def is_closed(tx: ReadTx, day: date) -> bool:
    return (await tx.execute(select(ClosedMonthRow.month).where(ClosedMonthRow.month == month_of(day)))).first() is not None


async def closed_months(tx: ReadTx) -> list[ClosedMonth]:
    """Youngest first."""
    rows = (await tx.execute(select(ClosedMonthRow).order_by(ClosedMonthRow.month.desc()))).scalars()
    return [ClosedMonth(row.month, row.closed_by, row.closed_at) for row in rows]


async def journals_of(tx: ReadTx, *, reference_type: str, reference_ids: Collection[UUID]) -> list[BookedJournal]:
    """All that was booked for these facts, oldest first."""
    about = (JournalRow.reference_type == reference_type, JournalRow.reference_id.in_(reference_ids))
    journals = (await tx.execute(select(JournalRow).where(*about).order_by(JournalRow.id))).scalars().all()
    return await _with_entries(tx, journals)


async def get_journal(tx: ReadTx, journal_id: UUID) -> BookedJournal:
    """EntryNotFound where there is none."""
    row = (await tx.execute(select(JournalRow).where(JournalRow.id == journal_id))).scalar_one_or_none()
    if row is None:
        raise EntryNotFound
    return (await _with_entries(tx, [row]))[0]


async def credit_of(tx: ReadTx, customer_id: UUID) -> dict[str, Money]:
    """What we owe the customer, by currency; none at zero. Below zero: more has left the account than was on it."""
    booked_minor = await balance(tx, Account.CUSTOMER_CREDIT, customer_id=customer_id)
    return {currency: Money(-minor, currency) for currency, minor in sorted(booked_minor.items()) if minor}


async def credit_entries(tx: ReadTx, paging: Paging, *, customer_id: UUID) -> list[CreditEntry]:
    """Newest first, one more than the page."""
    mine = (EntryRow.account == Account.CUSTOMER_CREDIT, EntryRow.customer_id == customer_id)
    statement = select(EntryRow, JournalRow).join(JournalRow, JournalRow.id == EntryRow.journal_id).where(*mine)
    rows = (await tx.execute(paging.apply(statement, EntryRow.journal_id))).all()
    return [
        CreditEntry(
            journal.id,
            entry.position,
            Money(-entry.amount_minor, entry.currency),
            journal.booked_on,
            journal.description,
            journal.kind,
            journal.reference_type,
            journal.reference_id,
        )
        for entry, journal in rows
    ]


async def costs_by_product(tx: ReadTx, *, since: date, until: date) -> list[tuple[str, str, int]]:
    """(product, currency, minor units) of costs booked on these days, both included."""
    total = func.sum(EntryRow.amount_minor)
    statement = (
        select(EntryRow.product, EntryRow.currency, total)
        .join(JournalRow, JournalRow.id == EntryRow.journal_id)
        .where(EntryRow.product.is_not(None), EntryRow.account == Account.COST_DOMAINS, JournalRow.booked_on.between(since, until))
    )
    rows = await tx.execute(statement.group_by(EntryRow.product, EntryRow.currency).order_by(EntryRow.product, EntryRow.currency))
    return [(str(product), currency, int(amount)) for product, currency, amount in rows]


async def _with_entries(tx: ReadTx, journals: Sequence[JournalRow]) -> list[BookedJournal]:
    rows = select(EntryRow).where(EntryRow.journal_id.in_([row.id for row in journals])).order_by(EntryRow.journal_id, EntryRow.position)
    entries = (await tx.execute(rows)).scalars().all()
    return [
        BookedJournal(
            row.id,
            row.reference_type,
            row.reference_id,
            row.kind,
            row.description,
            row.booked_on,
            row.created_at,
            tuple(_entry(entry) for entry in entries if entry.journal_id == row.id),
        )
        for row in journals
    ]


def _entry(row: EntryRow) -> BookedEntry:
    amount, home = Money(row.amount_minor, row.currency), Money(row.home_minor, row.home_currency)
    return BookedEntry(row.position, row.account, amount, home, row.home_rate_ppm, row.customer_id, row.product)


def _rate(row: RateRow) -> Rate:
    return Rate(row.currency, row.home_currency, row.day, row.ppm, row.source)


_HOLDERS = text(
    "select customer_id, currency, -sum(amount_minor) as minor from ledger_entry where account = 'customer_credit' "
    "and customer_id = any(cast(:ids as uuid[])) group by customer_id, currency having sum(amount_minor) < 0"
)


async def credits_of(tx: ReadTx, customer_ids: Collection[UUID]) -> dict[tuple[UUID, str], Money]:
    """Who of them has something to his credit, by customer and currency."""
    rows = await tx.execute(_HOLDERS, {"ids": uuids(customer_ids)}) if customer_ids else ()
    return {(row.customer_id, row.currency): Money(int(row.minor), row.currency) for row in rows}
