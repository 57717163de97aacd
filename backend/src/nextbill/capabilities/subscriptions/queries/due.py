"""What is to be billed: claimed by whole customers, so that what falls due together is on one invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text

from nextbill.capabilities.subscriptions.rules import UNFIT, Aside, Discount, Due, DueTerms, Item, Schedule, unfit
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Period
from nextbill.runtime.bulk import uuids
from nextbill.runtime.database import ReadTx, Tx

_TERMS = (
    "plan_code, plan_name, product_class, currency, price_version, cycle_unit, cycle_count, anchor_on, anchor_index, period_index, period_start, period_end, "
    "billed_index, days_ahead, change_on, collection, late_allowed_on"
)
_COLUMNS = f"id, customer_id, {_TERMS}"
_NAMED = 1
"""Where among the terms the name of the plan is."""

_IS_DUE = (
    "s.state in ('trialing','active','past_due') and s.billing_error is null and s.next_bill_on is not null and s.next_bill_on <= :on "
    "and (s.change_on is null or s.change_on > :on)"
)
"""Changes of the day come first: whoever has one open waits for it."""
# Most of a night's subscriptions are of a few plans and days: what is alike is told once, with whose it is.
_ALIKE = f"select {_TERMS}, array_agg(id) as ids, array_agg(customer_id) as customers from found group by {_TERMS}"  # noqa: S608  # constants of this file
_LAST = "select next_bill_on as last_day, id as last_id from near order by next_bill_on desc, id desc limit 1"
# Each CTE by itself: joined to its LIMIT and FOR UPDATE, the same claim takes a thousand times as long. A customer belongs to whoever has locked the
# first of their due subscriptions; of two workers that come upon the same customer one goes without, and who does not get all of a customer takes none: what is
# due together is on one invoice. What is locked by `near` is not fetched again.
# Ids come as arrays: a join would be locked with. Windows rather than joins tell what fits (`before`: due subscriptions of the customers ahead), and "is true"
# keeps a list a hash: nothing is known of how many rows a CTE has, and a join that expects one compares each with each.
_CLAIM = text(
    f"""with near as materialized (
        select {_COLUMNS}, next_bill_on from subscriptions_subscription s
        where {_IS_DUE} and (s.next_bill_on, s.id) > (:after_day, :after_id) order by s.next_bill_on, s.id limit :limit for update skip locked),
    wanted as materialized (select customer_id, min(next_bill_on) as day from near group by customer_id),
    theirs as materialized (
        select s.id, s.customer_id, (s.id in (select n.id from near n)) is true as held, row_number() over (partition by s.customer_id order by s.id) as place,
            count(*) over (order by w.day, s.customer_id groups between unbounded preceding and 1 preceding) as before
        from wanted w join subscriptions_subscription s on s.customer_id = w.customer_id where {_IS_DUE}),
    first as materialized (
        select s.customer_id from subscriptions_subscription s
        where s.id = any(array(select t.id from theirs t where t.place = 1 and t.before < :limit and not t.held)) and {_IS_DUE} for update skip locked),
    mine as materialized (
        select t.customer_id from theirs t where t.place = 1 and t.before < :limit and t.held union all select f.customer_id from first f),
    wanting as materialized (
        select t.id, t.customer_id from theirs t where not t.held and (t.customer_id in (select m.customer_id from mine m)) is true),
    rest as materialized (
        select {_COLUMNS} from subscriptions_subscription s where s.id = any(array(select w.id from wanting w)) and {_IS_DUE} for update skip locked),
    torn as materialized (
        select w.customer_id from wanting w where (w.id in (select r.id from rest r)) is not true),
    found as (
        select {_COLUMNS} from near n
        where (n.customer_id in (select m.customer_id from mine m)) is true and (n.customer_id in (select t.customer_id from torn t)) is not true
        union all select {_COLUMNS} from rest r where (r.customer_id in (select t.customer_id from torn t)) is not true)
    select l.last_day, l.last_id, a.* from ({_LAST}) l left join ({_ALIKE}) a on true"""  # noqa: S608  # constants of this file
)
_THESE = text(
    f"with found as materialized (select {_COLUMNS} from subscriptions_subscription s where s.id = any(cast(:ids as uuid[])) and {_IS_DUE} "  # noqa: S608  # constants of this file
    f"for update skip locked) {_ALIKE}"
)
_LOOK = text(
    f"with near as materialized (select {_COLUMNS}, next_bill_on from subscriptions_subscription s "  # noqa: S608  # constants of this file
    f"where {_IS_DUE} and (s.next_bill_on, s.id) > (:after_day, :after_id) order by s.next_bill_on, s.id limit :limit), "
    f"found as (select {_COLUMNS} from near) select l.last_day, l.last_id, a.* from ({_LAST}) l left join ({_ALIKE}) a on true"
)
_SOLD = "kind, product_id, code, name, quantity, unit_minor, currency, price_id, price_version, billing"
_ITEMS = text(
    f"select {_SOLD}, array_agg(subscription_id) as ids from subscriptions_item where subscription_id = any(cast(:ids as uuid[])) "  # noqa: S608  # constants of this file
    f"group by position, {_SOLD} order by position"
)
_DISCOUNTS = text(
    "select subscription_id, redemption_id, code, percent_ppm, amount_minor, currency, plan_codes, until_index "
    "from subscriptions_discount where subscription_id = any(cast(:ids as uuid[]))"
)
# The first in the order of an index, not `exists`: after a night the planner still believes that all is due, and would look for the first of many in the table.
_ANY = text(
    f"select (select s.id from subscriptions_subscription s where {_IS_DUE} order by s.next_bill_on, s.id limit 1) is not null"  # noqa: S608  # constants of this file
)
_ANY_CHANGING = text(
    "select (select s.id from subscriptions_subscription s where s.state in ('trialing','active','past_due') and s.billing_error is null "
    "and s.next_bill_on is not null and s.next_bill_on <= :on and s.change_on <= :on order by s.change_on limit 1) is not null"
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
    return await _from(tx, _CLAIM, on=on, limit=limit, after=after)


async def claim_these(tx: Tx, subscription_ids: Sequence[UUID], *, on: date) -> Claimed:
    """Those of them that are due still."""
    return Claimed(*await _dues(tx, (await tx.execute(_THESE, {"ids": uuids(subscription_ids), "on": on})).all()))


async def look_at_due(tx: ReadTx, *, on: date, limit: int, after: Place | None = None) -> Claimed:
    """Without a lock, for a dry run: those first that fell due first."""
    return await _from(tx, _LOOK, on=on, limit=limit, after=after)


async def _from(tx: ReadTx, statement: TextClause, *, on: date, limit: int, after: Place | None) -> Claimed:
    day, id_ = after or _BEGINNING
    rows = (await tx.execute(statement, {"on": on, "limit": limit, "after_day": day, "after_id": id_})).all()
    last = (rows[0].last_day, rows[0].last_id) if rows else None
    return Claimed(*await _dues(tx, [row[2:] for row in rows if row.ids is not None]), last)


async def is_anything_due(tx: ReadTx, *, on: date) -> bool:
    return bool((await tx.execute(_ANY, {"on": on})).scalar_one())


async def is_anything_changing(tx: ReadTx, *, on: date) -> bool:
    """Whether something is due as soon as its change of the day is settled."""
    return bool((await tx.execute(_ANY_CHANGING, {"on": on})).scalar_one())


async def _dues(tx: ReadTx, rows: Sequence[Any]) -> tuple[tuple[Due, ...], tuple[Aside, ...]]:
    """Rows of `_ALIKE`. Those that say the same, also by their items and discounts, have the same terms."""
    if not rows:
        return (), ()
    ids = uuids([id_ for row in rows for id_ in row[-2]])
    sold = [(row[:-1], row[-1]) for row in await tx.execute(_ITEMS, {"ids": ids})]
    items: dict[UUID, tuple[int, ...]] = {}
    for place, (_, of_these) in enumerate(sold):
        for id_ in of_these:
            items[id_] = (*items.get(id_, ()), place)
    discounts = {row[0]: (*row[1:-2], tuple(row.plan_codes), row.until_index) for row in await tx.execute(_DISCOUNTS, {"ids": ids})}
    alike: dict[Any, DueTerms | str] = {}
    found, unfit_ = list[Due](), list[Aside]()
    for place, row in enumerate(rows):
        for id_, customer_id in zip(row[-2], row[-1], strict=True):
            said = (place, items.get(id_, ()), discounts.get(id_))
            terms = alike.get(said)
            if terms is None:
                terms = alike[said] = _terms_or_why(row[:-2], [sold[at][0] for at in said[1]], said[2])
            if isinstance(terms, str):
                unfit_.append(Aside(id_, customer_id, row[_NAMED], "refused", terms))
            else:
                found.append(Due(id_, customer_id, terms))
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
