"""A new price for who has an old one: announced, with time to cancel, from the next period on after that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities import catalog
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.applying import repriced, settle_next
from nextbill.capabilities.subscriptions.commands.writing import By, note, schedule_of
from nextbill.capabilities.subscriptions.errors import NothingChanges, NotInThisState, PriceTooEarly
from nextbill.capabilities.subscriptions.events import PriceRiseAnnounced
from nextbill.capabilities.subscriptions.models import ChangeRow, ItemRow, SubscriptionRow
from nextbill.capabilities.subscriptions.rules import LIVING, Item, Schedule, period_price
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx, Tx
from nextbill.runtime.events import publish

NOTICE: Final = timedelta(days=30)
"""The least time between the announcement and the first period at the new price, in which the customer may cancel."""


@dataclass(frozen=True, slots=True)
class ProductPrice:
    """What a piece of a plan, add-on or option's value costs for a cycle from then on."""

    unit: Money
    price_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an announcement would mean for one: `after` for a period, from the first one that begins on `effective_on`."""

    subscription: queries.Subscription
    after: Money
    effective_on: date


async def foresee_prices(tx: ReadTx, ids: Sequence[UUID], *, prices: Mapping[UUID, ProductPrice], not_before: date, today: date) -> list[Foreseen]:
    """As `announce_price` would do it. Writes nothing. PriceTooEarly."""
    _in_time(not_before, today)
    found = [await queries.get_subscription(tx, subscription_id) for subscription_id in ids]
    return [Foreseen(one, _price_after(one, prices), _boundary(one.schedule, not_before)) for one in found]


def _price_after(found: queries.Subscription, prices: Mapping[UUID, ProductPrice]) -> Money:
    def anew(item: Item) -> Item:
        price = prices.get(item.product_id)
        return replace(item, unit=price.unit) if price and item.billing == "each_period" and price.unit.currency == item.unit.currency else item

    return period_price([anew(item) for item in found.items], found.price.currency)


def _in_time(not_before: date, today: date) -> None:
    if not_before < today + NOTICE:
        raise PriceTooEarly(fields={"not_before": f"{(today + NOTICE).isoformat()} or later: it is announced {NOTICE.days} days ahead"})


async def announce_price(
    tx: Tx, subscription_id: UUID, *, prices: Mapping[UUID, ProductPrice], not_before: date, by: By, today: date, now: datetime
) -> UUID:
    """By product. Its first period is the first one that begins on or after `not_before` and is not billed yet. The change's id; an announcement
    that was not in force yet is replaced. NotInThisState, PriceTooEarly, NothingChanges."""
    _in_time(not_before, today)
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state not in LIVING:
        raise NotInThisState(f"It is {row.state}.")
    for old in [change for change in await queries.open_changes(tx, row.id) if change.kind == "price"]:
        old.state, old.settled_at, old.outcome = "withdrawn", now, "Another price was announced."
        await tx.flush()
    found = await queries.get_subscription(tx, row.id)
    effective_on = _boundary(schedule_of(row, found.cycle), not_before)
    change = _change(row, prices, effective_on=effective_on, by=by, today=today, now=now)
    after = period_price(repriced(found.items, change), row.currency)
    if after == found.price:
        raise NothingChanges(fields={"prices": "it costs this already"})
    change.direction, change.next_minor = "upgrade" if after > found.price else "downgrade", after.minor
    tx.add(change)
    await settle_next(tx, row)
    ids = {"change_id": change.id, "subscription_id": row.id, "customer_id": row.customer_id}
    detail = {"change_id": str(change.id), "from_minor": row.price_minor, "to_minor": after.minor, "effective_on": effective_on.isoformat()}
    await note(tx, row, "price_announced", actor=by.actor, on=today, now=now, detail=detail)
    told = PriceRiseAnnounced(**ids, effective_on=effective_on, before_minor=row.price_minor, after_minor=after.minor, currency=row.currency)
    await publish(tx, told, now=now)
    return change.id


def _boundary(schedule: Schedule, not_before: date) -> date:
    index = schedule.next_index
    while schedule.nth(index).start < not_before:
        index += 1
    return schedule.nth(index).start


def _change(row: SubscriptionRow, prices: Mapping[UUID, ProductPrice], *, effective_on: date, by: By, today: date, now: datetime) -> ChangeRow:
    told = [
        {"product_id": str(product_id), "unit_minor": price.unit.minor, "price_id": str(price.price_id) if price.price_id else None, "price_version": price.version}
        for product_id, price in prices.items()
        if price.unit.currency == row.currency
    ]  # fmt: skip
    return ChangeRow(
        id=new_id(), subscription_id=row.id, customer_id=row.customer_id, kind="price", direction="same", state="scheduled", target={"prices": told},
        lines=[], fingerprint="", now_minor=0, credit_minor=0, next_minor=0, currency=row.currency, asked_on=today, effective_on=effective_on,
        asked_by=by.actor, reason=by.reason, created_at=now,
    )  # fmt: skip


async def paying_older(tx: ReadTx, price: catalog.PriceVersion, *, limit: int) -> list[UUID]:
    """Living subscriptions that pay an older version of that price and have no announcement yet, oldest first."""
    cycle = price.cycle
    if cycle is None:
        return []
    announced = select(ChangeRow.subscription_id).where(ChangeRow.state == "scheduled", ChangeRow.kind == "price")
    same = (
        ItemRow.product_id == price.subject,
        ItemRow.billing == "each_period",
        ItemRow.price_version < price.version,
        ItemRow.unit_minor != price.price.minor,  # who pays as much already has nothing to be told
        ItemRow.currency == price.price.currency,
        SubscriptionRow.cycle_unit == cycle.unit,
        SubscriptionRow.cycle_count == cycle.count,
        SubscriptionRow.state.in_(LIVING),
        SubscriptionRow.id.not_in(announced),
    )
    found = select(SubscriptionRow.id).join(ItemRow, ItemRow.subscription_id == SubscriptionRow.id).where(*same)
    return list((await tx.execute(found.order_by(SubscriptionRow.id).limit(limit))).scalars())
