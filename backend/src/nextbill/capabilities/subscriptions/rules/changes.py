"""What a change of plan, cycle, quantity or add-ons costs now, what comes next, and from when it holds. Pure: preview and change are the same numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal, Self
from uuid import UUID

from nextbill.capabilities.subscriptions.rules.items import Charge, Discount, Item, charges, each_period, period_price
from nextbill.capabilities.subscriptions.rules.states import ChangeKind, Direction
from nextbill.capabilities.subscriptions.rules.time import Schedule, recycled
from nextbill.kernel.money import Money, Rounding, total
from nextbill.kernel.period import Cycle, Period

UNPAID_DAYS: Final = 3
"""So long an upgrade waits for its payment, at the days of the day on which it was asked for."""
When = Literal["at_once", "when_paid", "at_period_end"]
Why = Literal[
    "unused_days_come_off", "only_what_changes", "next_period_is_billed", "trial_is_free", "waits_for_payment", "at_period_end", "credit_not_cash",
    "same_price", "new_anchor", "coupon_goes_on", "coupon_ends", "price_kept", "price_of_today",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What is sold: of a plan, for a cycle, with these items. `limits`: None is unlimited; with what add-ons and options bring. `days_ahead`: when it is invoiced."""

    plan_id: UUID
    plan_code: str
    plan_name: str
    product_class: str
    price_id: UUID | None
    price_version: int
    cycle: Cycle
    items: tuple[Item, ...]
    limits: Mapping[str, int | None]
    features: tuple[str, ...]
    days_ahead: int

    @property
    def currency(self) -> str:
        return self.items[0].unit.currency

    @property
    def price(self) -> Money:
        return period_price(self.items, self.currency)

    def to_json(self) -> dict[str, Any]:
        return {
            "plan_id": str(self.plan_id),
            "plan_code": self.plan_code,
            "plan_name": self.plan_name,
            "product_class": self.product_class,
            "price_id": str(self.price_id) if self.price_id else None,
            "price_version": self.price_version,
            "cycle": {"unit": self.cycle.unit, "count": self.cycle.count},
            "items": [item.to_json() for item in self.items],
            "limits": dict(self.limits),
            "features": list(self.features),
            "days_ahead": self.days_ahead,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(
            plan_id=UUID(value["plan_id"]),
            plan_code=value["plan_code"],
            plan_name=value["plan_name"],
            product_class=value["product_class"],
            price_id=UUID(value["price_id"]) if value["price_id"] else None,
            price_version=value["price_version"],
            cycle=Cycle(value["cycle"]["unit"], value["cycle"]["count"]),
            items=tuple(Item.from_json(item) for item in value["items"]),
            limits=value["limits"],
            features=tuple(value["features"]),
            days_ahead=value["days_ahead"],
        )


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """`days` of `of_days` of an item in `period`: `price` less the coupon's `off` is `net`. A charge, or a credit for days that are not used."""

    kind: Literal["charge", "credit"]
    code: str
    name: str
    quantity: int
    price: Money
    off: Money
    period: Period
    days: int
    of_days: int

    @property
    def net(self) -> Money:
        return self.price - self.off

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "code": self.code,
            "name": self.name,
            "quantity": self.quantity,
            "price_minor": self.price.minor,
            "off_minor": self.off.minor,
            "net_minor": self.net.minor,
            "currency": self.price.currency,
            "from": self.period.start.isoformat(),
            "until": self.period.end.isoformat(),
            "days": self.days,
            "of_days": self.of_days,
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """`now`: net, to be paid for it; `credit`: net, given back at once; both zero where neither. `next_net` will be charged for the period from `next_on`,
    invoiced on `next_bill_on`; `regular` is a later one's without coupon. `after`: where the subscription stands in time once it is applied."""

    kind: ChangeKind
    direction: Direction
    when: When
    asked_on: date
    effective_on: date
    valid_until: date | None
    lines: tuple[ChangeLine, ...]
    now: Money
    credit: Money
    next_on: date
    next_bill_on: date
    next_net: Money
    regular: Money
    why: tuple[Why, ...]
    target: Terms
    after: Schedule

    @property
    def fingerprint(self) -> str:
        """The same for the same numbers: who was shown them gets exactly them, or is refused."""
        said = {
            "target": self.target.to_json(),
            "lines": [line.to_json() for line in self.lines],
            "when": [self.when, self.asked_on, self.effective_on, self.next_on],
            "money": [self.now.minor, self.credit.minor, self.next_net.minor, self.now.currency],
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Situation:
    """What a change starts from. `trial` while nothing is charged yet; `staff_at_once`: a downgrade need not wait for the period's end."""

    present: Terms
    schedule: Schedule
    discount: Discount | None
    today: date
    staff_at_once: bool = False

    @property
    def trial(self) -> bool:
        return self.schedule.index < 0


def preview(kind: ChangeKind, situation: Situation, target: Terms) -> Preview:
    lines = now_lines(situation, target)
    sums = {which: _sum(lines, which, target.currency) for which in ("charge", "credit")}
    balance = sums["charge"] - sums["credit"]
    direction = _direction(situation, target, balance)
    when = _when(situation, target, direction, balance)
    if when == "at_period_end" or direction == "same" or (direction == "upgrade" and balance.minor <= 0):
        lines, balance = (), Money.zero(target.currency)
    zero, today = Money.zero(target.currency), situation.today
    after = _after(situation, target, when)
    waits = min(date.fromordinal(today.toordinal() + UNPAID_DAYS), situation.schedule.billed_until) if when == "when_paid" else None
    discount = _kept(situation, target)
    next_index = after.next_index
    comes = charges(_due(target, next_index), plan_code=target.plan_code, discount=discount, index=next_index)
    return Preview(
        kind=kind,
        direction=direction,
        when=when,
        asked_on=today,
        effective_on=situation.schedule.billed_until if when == "at_period_end" else today,
        valid_until=waits,
        lines=lines,
        now=max(balance, zero),
        credit=max(-balance, zero),
        next_on=after.nth(next_index).start,
        next_bill_on=after.next_bill_on,
        next_net=total([charge.net for charge in comes], target.currency),
        regular=target.price,
        why=_why(situation, target, when=when, direction=direction, lines=lines),
        target=target,
        after=after,
    )


def now_lines(situation: Situation, target: Terms) -> tuple[ChangeLine, ...]:
    """Unused days of what goes, charged days of what comes. On trial nothing was paid and nothing is."""
    if situation.trial:
        return ()
    schedule, today = situation.schedule, situation.today
    if target.cycle == situation.present.cycle:
        return tuple(line for period, index in _spans(schedule, today) for line in _difference(situation, target, period, index))
    first = Period.nth(target.cycle, today, 0)
    comes = _charges(target, _kept(situation, target), schedule.next_index)
    return (*unused_lines(situation), *(_line("charge", charge, first, today) for charge in comes))


def unused_lines(situation: Situation) -> tuple[ChangeLine, ...]:
    """What was billed and is not used: the rest of the period that runs, and what was billed ahead."""
    present, today = situation.present, situation.today
    if situation.trial:
        return ()
    return tuple(
        _line("credit", charge, period, today)
        for period, index in _spans(situation.schedule, today)
        for charge in _charges(present, situation.discount, index)
        if charge.item.price
    )


def _spans(schedule: Schedule, today: date) -> list[tuple[Period, int]]:
    ahead = [(schedule.nth(index), index) for index in range(schedule.index + 1, schedule.billed_index + 1)]
    return [(period, index) for period, index in [(schedule.period, schedule.index), *ahead] if period.end > today]


def _charges(terms: Terms, discount: Discount | None, index: int) -> list[Charge]:
    return charges(each_period(terms.items), plan_code=terms.plan_code, discount=discount, index=index)


def _difference(situation: Situation, target: Terms, period: Period, index: int) -> list[ChangeLine]:
    """Item by item; what stays the same is left out, and of more or fewer pieces at one price only the difference is shown."""
    goes = {charge.item.product_id: charge for charge in _charges(situation.present, situation.discount, index)}
    comes = {charge.item.product_id: charge for charge in _charges(target, situation.discount, index)}
    found: list[ChangeLine] = []
    for product_id in [*goes, *(known for known in comes if known not in goes)]:
        found += _pair(goes.get(product_id), comes.get(product_id), period, situation.today)
    return sorted(found, key=lambda line: line.kind, reverse=True)


def _pair(before: Charge | None, after: Charge | None, period: Period, today: date) -> list[ChangeLine]:
    old = _line("credit", before, period, today) if before else None
    new = _line("charge", after, period, today) if after else None
    if old and new and before and after and before.item.unit == after.item.unit:
        more, price, off = new.quantity - old.quantity, new.price - old.price, new.off - old.off
        if not more and not off:
            return []
        if more > 0 and off.minor >= 0 and price >= off:
            return [ChangeLine("charge", new.code, new.name, more, price, off, new.period, new.days, new.of_days)]
        if more < 0 and off.minor <= 0 and price <= off:
            return [ChangeLine("credit", old.code, old.name, -more, -price, -off, old.period, old.days, old.of_days)]
    return [line for line in (old, new) if line is not None and line.price]


def _line(kind: Literal["charge", "credit"], charge: Charge, period: Period, today: date) -> ChangeLine:
    """The days of the period that are left. Price and net are rounded half up, each for the whole item: so what is charged for some days is what would
    come back for them on the same day."""
    start = max(period.start, today)
    days, of_days = (period.end - start).days, period.days
    price = charge.item.price.share(days, of_days, Rounding.HALF_UP)
    net = charge.net.share(days, of_days, Rounding.HALF_UP)
    return ChangeLine(kind, charge.item.code, charge.item.name, charge.item.quantity, price, price - net, Period(start, period.end), days, of_days)


def _sum(lines: Sequence[ChangeLine], kind: str, currency: str) -> Money:
    return total([line.net for line in lines if line.kind == kind], currency)


def _direction(situation: Situation, target: Terms, balance: Money) -> Direction:
    """Of one cycle the dearer is the upgrade; of another one that for which more is to be paid now than comes back."""
    difference = balance if target.cycle != situation.present.cycle and not situation.trial else target.price - situation.present.price
    if not difference:
        return "same"
    return "upgrade" if difference.minor > 0 else "downgrade"


def _when(situation: Situation, target: Terms, direction: Direction, balance: Money) -> When:
    if situation.trial or direction == "same":
        return "at_once"
    if direction == "downgrade":
        same_cycle = target.cycle == situation.present.cycle
        return "at_once" if situation.staff_at_once and same_cycle else "at_period_end"
    return "when_paid" if balance.minor > 0 else "at_once"


def _after(situation: Situation, target: Terms, when: When) -> Schedule:
    schedule = situation.schedule
    begins, same = schedule.billed_until, target.cycle == situation.present.cycle
    if when == "at_period_end":
        waiting = replace(schedule, change_on=begins)
        return (
            waiting
            if same
            else replace(waiting, cycle=target.cycle, anchor_on=begins, anchor_index=schedule.next_index, days_ahead=target.days_ahead)
        )
    if same:
        return schedule
    if situation.trial:
        return replace(schedule, cycle=target.cycle, days_ahead=target.days_ahead)
    return recycled(schedule, target.cycle, situation.today, days_ahead=target.days_ahead)


def _kept(situation: Situation, target: Terms) -> Discount | None:
    """The coupon, as far as it goes on: one for some periods ends where those are of another length."""
    discount = situation.discount
    if discount is None or target.cycle == situation.present.cycle or discount.until_index is None or situation.trial:
        return discount
    return None


def _due(target: Terms, index: int) -> list[Item]:
    """With the first charge comes what is charged once."""
    return list(target.items) if index == 0 else each_period(target.items)


def _why(situation: Situation, target: Terms, *, when: When, direction: Direction, lines: Sequence[ChangeLine]) -> tuple[Why, ...]:
    schedule, recycles = situation.schedule, target.cycle != situation.present.cycle
    facts: dict[Why, bool] = {
        "trial_is_free": situation.trial,
        "waits_for_payment": when == "when_paid",
        "at_period_end": when == "at_period_end",
        "same_price": direction == "same" and not situation.trial,
        "unused_days_come_off": any(line.kind == "credit" for line in lines),
        "only_what_changes": bool(lines) and not recycles,
        "next_period_is_billed": schedule.billed_index > schedule.index and bool(lines),
        "credit_not_cash": direction == "downgrade" and when == "at_once" and bool(lines),
        "new_anchor": recycles and not situation.trial,
        "coupon_goes_on": situation.discount is not None
        and _kept(situation, target) is not None
        and situation.discount.covers(schedule.billed_index + 1),
        "coupon_ends": situation.discount is not None and _kept(situation, target) is None,
        "price_kept": _same_price(situation.present, target),
        "price_of_today": not _same_price(situation.present, target),
    }
    return tuple(code for code, holds in facts.items() if holds)


def _same_price(present: Terms, target: Terms) -> bool:
    """What was had before costs what it cost before."""
    known = {item.product_id: (item.unit, item.price_version) for item in present.items}
    return (
        target.cycle == present.cycle
        and target.plan_id == present.plan_id
        and all(known[item.product_id] == (item.unit, item.price_version) for item in target.items if item.product_id in known)
    )
