"""Booking a fact, the rates at which it is told in the home currency, and the months into which nothing is booked any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.ledger.errors import AlreadyPosted, MonthClosed, MonthNotClosed, MonthNotOver, RateMissing, Unbalanced
from nextbill.capabilities.ledger.models import ClosedMonthRow, RateRow
from nextbill.capabilities.ledger.queries import is_closed, rate_on
from nextbill.capabilities.ledger.rules import KEPT_BY_CUSTOMER, PPM, Alike, Entry, Journal, imbalance, in_home, month_of, speaking
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.bulk import Uuids, column, new_uuids, uuids, words
from nextbill.runtime.database import ReadTx, Tx, on_rows

JournalId = NewType("JournalId", UUID)


async def post(tx: Tx, *, journal: Journal, on: date, now: datetime, rates: Mapping[str, int] | None = None) -> JournalId:
    """Books a fact in the fact's own transaction. AlreadyPosted where it is in the books, MonthClosed, RateMissing; Unbalanced is the
    caller's defect. `rates`: for what reverses another fact, those that the fact was booked at (`rates_of`), by currency; else the day's.

    The journal and its entries go in by one statement: the database judges the whole of it.
    """
    entries = speaking(journal.entries)
    missing = imbalance(entries)
    if missing or not entries:
        raise Unbalanced(f"{journal.reference_type} {journal.reference_id} {journal.kind}: {missing or 'no entries'}")
    if await is_closed(tx, on):
        raise MonthClosed(f"{on:%Y-%m} is closed. Book on a later day, or have the month opened again.")
    journal_id = new_id()
    about = {"type": journal.reference_type, "reference": journal.reference_id, "kind": journal.kind, "description": journal.description}
    told = await _told_at_home(tx, entries, on=on, known=rates or {})
    if not on_rows(await tx.execute(_BOOK_ONE, {"id": journal_id, **about, "on": on, "now": now, "home": tx.home_currency, **told})):
        raise AlreadyPosted(f"{journal.reference_type} {journal.reference_id} is booked as {journal.kind}.")
    return JournalId(journal_id)


_BOOK_ONE = text(
    "with booked as (insert into ledger_journal (id, reference_type, reference_id, kind, description, booked_on, created_at) "
    "values (:id, :type, :reference, :kind, :description, :on, :now) on conflict on constraint uq_ledger_journal_fact do nothing returning id) "
    "insert into ledger_entry (journal_id, position, account, amount_minor, currency, customer_id, home_minor, home_currency, home_rate_ppm, product) "
    "select b.id, n.position, n.account, n.amount, n.currency, n.customer, n.home, :home, n.rate, n.product from booked b "
    "cross join unnest(cast(:accounts as text[]), cast(:amounts as bigint[]), cast(:currencies as text[]), "
    "cast(:customers as uuid[]), cast(:homes as bigint[]), cast(:rates as bigint[]), cast(:products as text[])) "
    "with ordinality as n(account, amount, currency, customer, home, rate, product, position)"
)


async def _told_at_home(tx: Tx, entries: Sequence[Entry], *, on: date, known: Mapping[str, int]) -> dict[str, str | bytes]:
    home = tx.home_currency
    currencies = sorted({entry.amount.currency for entry in entries})
    rates = {currency: known.get(currency) or await _rate(tx, currency, home=home, on=on) for currency in currencies}
    return {
        "accounts": column([entry.account.value for entry in entries]),
        "amounts": column([entry.amount.minor for entry in entries]),
        "currencies": column([entry.amount.currency for entry in entries]),
        "customers": uuids([entry.customer_id for entry in entries]),
        "homes": column(in_home(entries, home=home, rates=rates)),
        "rates": column([rates[entry.amount.currency] for entry in entries]),
        "products": words([entry.product for entry in entries]),
    }


# A journal and its entries are one statement: the database judges at its end that none is empty. What alike facts book comes once, with the place of the first
# and the last of them. Entries go in as their key has them.
_BOOK = text(
    "with booked as (insert into ledger_journal (id, reference_type, reference_id, kind, description, booked_on, created_at) "
    "select n.id, :type, n.reference, :kind, :description, :on, :now from unnest(cast(:ids as uuid[]), cast(:references as uuid[])) as n(id, reference)) "
    "insert into ledger_entry (journal_id, position, account, amount_minor, currency, customer_id, home_minor, home_currency, home_rate_ppm, product) "
    "select n.journal, e.position, e.account, e.amount, e.currency, case when e.kept then n.customer end, e.home, :home, e.rate, e.product "
    "from unnest(cast(:firsts as int[]), cast(:lasts as int[]), cast(:positions as int[]), cast(:accounts as text[]), "
    "cast(:amounts as bigint[]), cast(:currencies as text[]), cast(:kept as boolean[]), cast(:homes as bigint[]), cast(:rates as bigint[]), "
    "cast(:products as text[])) as e(first, last, position, account, amount, currency, kept, home, rate, product) "
    "cross join lateral unnest((cast(:ids as uuid[]))[e.first:e.last], (cast(:customers as uuid[]))[e.first:e.last]) as n(journal, customer) "
    "order by n.journal, e.position"
)


async def post_many(
    tx: Tx, alike: Sequence[Alike], *, references: Uuids, customers: Uuids, reference_type: str, kind: str, description: str, on: date, now: datetime
) -> None:
    """As `post`, each fact by itself and all in one statement, at the day's rates. `references` and `customers`: what each fact is about and whose it is, in
    the order of `alike`. One that is refused refuses all: MonthClosed, RateMissing; the key of the books where a fact is in them already."""
    if not alike:
        return
    if await is_closed(tx, on):
        raise MonthClosed(f"{on:%Y-%m} is closed. Book on a later day, or have the month opened again.")
    home, rates = tx.home_currency, await rates_on(tx, {entry.amount.currency for one in alike for entry in one.entries}, on=on)
    facts = {
        "ids": new_uuids(sum(one.many for one in alike)),
        "references": references,
        "customers": customers,
        **_columns(alike, home=home, rates=rates),
    }
    await tx.execute(_BOOK, {"type": reference_type, "kind": kind, "description": description, "on": on, "now": now, "home": home, **facts})


def _columns(alike: Sequence[Alike], *, home: str, rates: Mapping[str, int]) -> dict[str, str | bytes]:
    """Of the entries, judged and converted once for all facts alike. Unbalanced."""
    rows: list[tuple[Any, ...]] = []
    first = 1
    for one in alike:
        entries = speaking(one.entries)
        missing = imbalance(entries)
        if missing or not entries:
            raise Unbalanced(f"{missing or 'no entries'}")
        for position, (entry, minor) in enumerate(zip(entries, in_home(entries, home=home, rates=rates), strict=True), start=1):
            worth = (entry.account.value, entry.amount.minor, entry.amount.currency, entry.account in KEPT_BY_CUSTOMER, minor)
            rows.append((first, first + one.many - 1, position, *worth, rates[entry.amount.currency], entry.product))
        first += one.many
    names = ("firsts", "lasts", "positions", "accounts", "amounts", "currencies", "kept", "homes", "rates")
    *plain, products = zip(*rows, strict=True)
    return {**dict(zip(names, map(column, plain), strict=True)), "products": words(products)}


async def rates_on(tx: ReadTx, currencies: Collection[str], *, on: date) -> dict[str, int]:
    """What each is worth at home on the day, in millionths. RateMissing."""
    return {currency: await _rate(tx, currency, home=tx.home_currency, on=on) for currency in sorted(currencies)}


async def _rate(tx: ReadTx, currency: str, *, home: str, on: date) -> int:
    if currency == home:
        return PPM
    found = await rate_on(tx, currency=currency, home=home, on=on)
    if found is None:
        raise RateMissing(f"No rate of {currency} in {home} is known for {on.isoformat()} or before: add one, then try again.")
    return found.ppm


async def set_rate(tx: Tx, *, currency: str, day: date, ppm: int, source: str, now: datetime) -> None:
    """Home units for a million units of `currency` on that day and, until a later one is set, after it. What is booked keeps its own.

    Any currency but the home one; another rate for the same day takes its place."""
    row = upsert(RateRow).values(currency=Money.zero(currency).currency, home_currency=tx.home_currency, day=day, ppm=ppm, source=source, set_at=now)
    newer = {"ppm": row.excluded.ppm, "source": row.excluded.source, "set_at": row.excluded.set_at}
    await tx.execute(row.on_conflict_do_update(index_elements=["currency", "home_currency", "day"], set_=newer))


async def close_month(tx: Tx, day: date, *, today: date, actor: str, now: datetime) -> date:
    """The month of `day`, by its first day: from the commit on the database refuses what is booked into it. Closed twice is closed.

    MonthNotOver for the present month and later ones. Waits for postings into it that are under way."""
    month = month_of(day)
    if month >= month_of(today):
        raise MonthNotOver
    row = upsert(ClosedMonthRow).values(month=month, closed_by=actor, closed_at=now)
    await tx.execute(row.on_conflict_do_nothing(index_elements=["month"]))
    return month


async def reopen_month(tx: Tx, day: date) -> date:
    """MonthNotClosed where there is nothing to open."""
    month = month_of(day)
    if not on_rows(await tx.execute(delete(ClosedMonthRow).where(ClosedMonthRow.month == month))):
        raise MonthNotClosed
    return month


async def hold_credit(tx: Tx, customer_id: UUID) -> None:
    """Until the end of the transaction nobody else spends this customer's credit: two invoices are not paid with the same money."""
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('ledger.credit'), hashtext(:customer))"), {"customer": str(customer_id)})
