"""What is to be billed: claimed by whole customers, so that what falls due together is on one invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from nextbill.capabilities.subscriptions.rules import UNFIT, Aside, Discount, Due, DueTerms, Item, Schedule, unfit
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Period
from nextbill.runtime.bulk import uuids
from nextbill.runtime.database import ReadTx, Tx

# Who, and then what: the rest of the row is alike for many.
_COLUMNS = (
    "s.id, s.customer_id, s.plan_code, s.plan_name, s.product_class, s.currency, s.price_version, s.cycle_unit, s.cycle_count, s.anchor_on, "
    "s.anchor_index, s.period_index, s.period_start, s.period_end, s.billed_index, s.days_ahead, s.change_on, s.collection, s.late_allowed_on"
)
_WHOSE, _NAMED = 2, 3

_IS_DUE = (
    "s.state in ('trialing','active','past_due') and s.billing_error is null and s.next_bill_on is not null and s.next_bill_on <= :on "
    "and (s.change_on is null or s.change_on > :on)"
)
"""Changes of the day come first: whoever has one open waits for it."""
# Each CTE by itself: joined to its LIMIT and FOR UPDATE, the same claim takes a thousand times as long. A customer belongs to whoever has locked the
# first of their due subscriptions; of two workers that come upon the same customer one goes without. Ids come as arrays: a join would be locked with.
# Windows rather than joins tell what fits (`before`: due subscriptions of the customers ahead), and "is true" keeps the last list a hash: nothing is known
# of how many rows a CTE has, and a join that expects one compares each with each.
_CLAIM = text(
    f"""with near as materialized (
        select s.id, s.customer_id, s.next_bill_on from subscriptions_subscription s
        where {_IS_DUE} and (s.next_bill_on, s.id) > (:after_day, :after_id) order by s.next_bill_on, s.id limit :limit for update skip locked),
    wanted as materialized (select customer_id, min(next_bill_on) as day from near group by customer_id),
    theirs as materialized (
        select s.id, s.customer_id, row_number() over (partition by s.customer_id order by s.id) as place,
            count(*) over (order by w.day, s.customer_id groups between unbounded preceding and 1 preceding) as before
        from wanted w join subscriptions_subscription s on s.customer_id = w.customer_id where {_IS_DUE}),
    mine as materialized (
        select s.customer_id from subscriptions_subscription s
        where s.id = any(array(select t.id from theirs t where t.place = 1 and t.before < :limit)) and {_IS_DUE} for update skip locked),
    locked as materialized (
        select {_COLUMNS} from subscriptions_subscription s
        where s.id = any(array(select t.id from theirs t where (t.customer_id in (select m.customer_id from mine m)) is true)) and {_IS_DUE}
        for update skip locked),
    tail as (select next_bill_on as last_day, id as last_id from near order by next_bill_on desc, id desc limit 1)
    select t.last_day, t.last_id, l.* from tail t left join locked l on true"""  # noqa: S608  # constants of this file
)
_THESE = text(
    f"select {_COLUMNS} from subscriptions_subscription s where s.id = any(cast(:ids as uuid[])) and {_IS_DUE} for update skip locked"  # noqa: S608  # constants of this file
)
_LOOK = text(
    f"select {_COLUMNS}, s.next_bill_on from subscriptions_subscription s where {_IS_DUE} and (s.next_bill_on, s.id) > (:after_day, :after_id) "  # noqa: S608  # constants of this file
    "order by s.next_bill_on, s.id limit :limit"
)
_ITEMS = text(
    "select subscription_id, kind, product_id, code, name, quantity, unit_minor, currency, price_id, price_version, billing "
    "from subscriptions_item where subscription_id = any(cast(:ids as uuid[])) order by subscription_id, position"
)
_DISCOUNTS = text(
    "select subscription_id, redemption_id, code, percent_ppm, amount_minor, currency, plan_codes, until_index "
    "from subscriptions_discount where subscription_id = any(cast(:ids as uuid[]))"
)
_ANY = text(f"select exists (select 1 from subscriptions_subscription s where {_IS_DUE})")  # noqa: S608  # constants of this file
_ANY_CHANGING = text(
    "select exists (select 1 from subscriptions_subscription s where s.state in ('trialing','active','past_due') and s.billing_error is null "
    "and s.next_bill_on is not null and s.next_bill_on <= :on and s.change_on <= :on)"
)
_BEGINNING: Final = (date.min, UUID(int=0))

Place = tuple[date, UUID]
"""How far one has come in the order of (next_bill_on, id)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """`unfit`: what is due and says what cannot be. `last`: how far it has come; None where nothing that is due comes after the place that was named."""

    due: tuple[Due, ...]
    unfit: tuple[Aside, ...] = ()
    last: Place | None = None


async def claim_due(tx: Tx, *, on: date, limit: int, after: Place | None = None) -> Claimed:
    """Whole customers with about `limit` subscriptions together, locked for this transaction; those that others hold are left out."""
    day, id_ = after or _BEGINNING
    rows = (await tx.execute(_CLAIM, {"on": on, "limit": limit, "after_day": day, "after_id": id_})).all()
    last = (rows[0].last_day, rows[0].last_id) if rows else None
    return Claimed(*await _dues(tx, [row[2:] for row in rows if row.id is not None]), last)


async def claim_these(tx: Tx, subscription_ids: Sequence[UUID], *, on: date) -> Claimed:
    """Those of them that are due still."""
    return Claimed(*await _dues(tx, (await tx.execute(_THESE, {"ids": uuids(subscription_ids), "on": on})).all()))


async def look_at_due(tx: ReadTx, *, on: date, limit: int, after: Place | None = None) -> Claimed:
    """Without a lock, for a dry run: in the order in which they fell due."""
    day, id_ = after or _BEGINNING
    rows = (await tx.execute(_LOOK, {"on": on, "limit": limit, "after_day": day, "after_id": id_})).all()
    return Claimed(*await _dues(tx, [row[:-1] for row in rows]), (rows[-1].next_bill_on, rows[-1].id) if rows else None)


async def is_anything_due(tx: ReadTx, *, on: date) -> bool:
    return bool((await tx.execute(_ANY, {"on": on})).scalar_one())


async def is_anything_changing(tx: ReadTx, *, on: date) -> bool:
    """Whether something is due as soon as its change of the day is settled."""
    return bool((await tx.execute(_ANY_CHANGING, {"on": on})).scalar_one())


async def _dues(tx: ReadTx, rows: Sequence[Any]) -> tuple[tuple[Due, ...], tuple[Aside, ...]]:
    """Rows of `_COLUMNS`. Those that say the same have the same terms: most of a night's subscriptions are of a few plans and days."""
    if not rows:
        return (), ()
    ids = uuids([row[0] for row in rows])
    items: dict[UUID, list[Any]] = {row[0]: [] for row in rows}
    for item in await tx.execute(_ITEMS, {"ids": ids}):
        items[item[0]].append(item[1:])
    discounts = {row[0]: (*row[1:-2], tuple(row.plan_codes), row.until_index) for row in await tx.execute(_DISCOUNTS, {"ids": ids})}
    alike: dict[Any, DueTerms | str] = {}
    found, unfit_ = list[Due](), list[Aside]()
    for row in rows:
        id_ = row[0]
        said = (row[_WHOSE:], tuple(items[id_]), discounts.get(id_))
        terms = alike.get(said)
        if terms is None:
            terms = alike[said] = _terms_or_why(*said)
        if isinstance(terms, str):
            unfit_.append(Aside(id_, row[1], row[_NAMED], "refused", terms))
        else:
            found.append(Due(id_, row[1], terms))
    return tuple(found), tuple(unfit_)


def _terms_or_why(said: Sequence[Any], items: Sequence[Any], discount: Sequence[Any] | None) -> DueTerms | str:
    try:
        return _terms(said, items, discount)
    except UNFIT as error:
        return unfit(error)


def _terms(said: Sequence[Any], items: Sequence[Any], discount: Sequence[Any] | None) -> DueTerms:
    (
        plan_code, plan_name, product_class, currency, price_version, cycle_unit, cycle_count, anchor_on, anchor_index, period_index, period_start,
        period_end, billed_index, days_ahead, change_on, collection, late_allowed_on,
    ) = said  # fmt: skip
    cycle, period = Cycle(cycle_unit, cycle_count), Period(period_start, period_end)
    schedule = Schedule(cycle, anchor_on, anchor_index, period_index, period, billed_index, days_ahead, change_on)
    sold = tuple(_item(*item) for item in items)
    off = None if discount is None else _discount(*discount)
    return DueTerms(plan_code, plan_name, product_class, currency, price_version, sold, off, schedule, collection, late_allowed_on)


def _item(kind: str, product_id: UUID, code: str, name: str, quantity: int, unit_minor: int, currency: str, *priced: Any) -> Item:
    return Item(kind, product_id, code, name, quantity, Money(unit_minor, currency), *priced)


def _discount(redemption_id: UUID, code: str, percent_ppm: int | None, amount_minor: int | None, currency: str, *bounds: Any) -> Discount:
    amount = None if amount_minor is None else Money(amount_minor, currency)
    return Discount(redemption_id, code, percent_ppm, amount, *bounds)
