"""One thing that a customer keeps, with its calendar: which days are billed, for what, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from nextbill_lab.simulate.recount.arithmetic import NOTHING, months_after, rounded, spread, units
from nextbill_lab.simulate.shop import BY_COUPON, Coupon

MONTHS: Final = {"month": 1, "year": 12}
DAYS_AHEAD: Final = 7
"""So many days before its period an invoice is made."""
NAME_ALONE: Final = 30
"""So many days before a name expires it gets an invoice of its own."""
NAME_RIDES: Final = 60
"""From so many days before on it stands on an invoice that is made anyway."""
NAME_PAID_BY: Final = 14
"""An invoice of its own is to be paid so many days before."""


@dataclass
class Item:
    """`pieces` of something at a price each."""

    code: str
    pieces: int
    price: Decimal

    @property
    def cost(self) -> Decimal:
        return self.price * self.pieces


@dataclass
class Plan:
    """What is asked for, and from when: the main thing first."""

    items: list[Item]
    cycle: str

    @property
    def code(self) -> str:
        return self.items[0].code

    @property
    def cost(self) -> Decimal:
        return sum((item.cost for item in self.items), NOTHING)


@dataclass
class Name:
    """An internet name until the day on which it expires. `paper`: the invoice over a further year, by its number in the account's pile."""

    domain: str
    expires: date
    price: Decimal
    paper: int | None = None

    def is_near(self, today: date, days: int) -> bool:
        return self.paper is None and self.expires <= today + timedelta(days=days)


@dataclass
class Billed:
    """A period that stands on an invoice: `paper` is its number in the account's pile, None where nothing was asked for it."""

    start: date
    end: date
    paper: int | None


@dataclass
class Service:
    """`number` counts periods: the one that runs; `billed` holds all that were billed, by number. On trial it is -1."""

    kind: str
    plan: Plan
    currency: str
    coupon: Coupon | None
    coupon_until: int | None
    anchor: date
    anchor_number: int
    number: int
    start: date
    end: date
    state: str = "active"
    billed: dict[int, Billed] = field(default_factory=dict)
    papers_of_changes: list[tuple[date, int]] = field(default_factory=list)
    next_plan: tuple[date, Plan] | None = None
    rise: tuple[date, Decimal] | None = None
    cancel_on: date | None = None
    paused_on: date | None = None
    resume_on: date | None = None

    @classmethod
    def begun(cls, facts: Mapping[str, Any], plan: Plan, currency: str, *, on: date, trial_days: int, paper: int | None) -> Service:
        coupon = BY_COUPON.get(facts["coupon"])
        until = coupon.periods if coupon else None
        kind = "product" if facts["plan"] == "mailboxes" else "hosting"
        if trial_days:
            end = on + timedelta(days=trial_days)
            return cls(kind, plan, currency, coupon, until, end, 0, -1, on, end, "trialing")
        end = months_after(on, MONTHS[plan.cycle])
        return cls(kind, plan, currency, coupon, until, on, 0, 0, on, end, billed={0: Billed(on, end, paper)})

    @property
    def alive(self) -> bool:
        return self.state in ("trialing", "active", "paused")

    @property
    def last(self) -> int:
        """The last period that was billed; the running one where it is a trial."""
        return max([self.number, *self.billed])

    @property
    def billed_until(self) -> date:
        return self.billed[self.last].end if self.last > self.number else self.end

    def period(self, number: int) -> tuple[date, date]:
        length, place = MONTHS[self.plan.cycle], number - self.anchor_number
        return months_after(self.anchor, place * length), months_after(self.anchor, (place + 1) * length)

    @property
    def bill_on(self) -> date | None:
        """When the next period is invoiced."""
        if self.state not in ("trialing", "active") or self.cancel_on is not None:
            return None
        begins = self.period(self.last + 1)[0]
        if self.number < 0 and self.last < 0:
            return begins
        before = self.billed[self.last].start if self.last > self.number else self.start
        day = max(begins - timedelta(days=DAYS_AHEAD), before)
        waits = min((one[0] for one in (self.next_plan, self.rise) if one is not None), default=None)
        return max(day, waits) if waits is not None and waits <= begins else day

    def off(self, items: list[Item], number: int) -> list[Decimal]:
        """What the coupon takes off each item in the period of that number."""
        coupon = self.coupon
        if coupon is None or (self.coupon_until is not None and number >= self.coupon_until):
            return [NOTHING for _ in items]
        if coupon.percent is not None:
            return [rounded(item.cost * coupon.percent / 100, self.currency) for item in items]
        whole = sum((item.cost for item in items), NOTHING)
        return spread(min(units(coupon.amounts[self.currency], self.currency), whole), [item.cost for item in items], self.currency)

    def price_of(self, number: int) -> Decimal:
        return self.plan.cost - sum(self.off(self.plan.items, number), NOTHING)

    def roll(self, today: date) -> None:
        while self.end <= today and self.last > self.number:
            self.number += 1
            self.start, self.end = self.billed[self.number].start, self.billed[self.number].end
            if self.state == "trialing":
                self.state = "active"

    def ahead(self, today: date) -> list[tuple[int, date, date]]:
        """What is billed and not over: number, start, end."""
        if self.number < 0:
            return []
        later = [(number, one.start, one.end) for number, one in sorted(self.billed.items()) if number > self.number]
        return [one for one in [(self.number, self.start, self.end), *later] if one[2] > today]

    def go_on(self, today: date) -> None:
        """After a pause: what was paid for lasts as much longer as it rested."""
        if self.paused_on is None:
            return
        days = today - self.paused_on
        self.end += days
        for number, one in self.billed.items():
            if number == self.number:
                one.end = self.end
            elif number > self.number:
                one.start, one.end = one.start + days, one.end + days
        if days:
            self.anchor, self.anchor_number = self.end, self.number + 1
        self.state = "trialing" if self.number < 0 else "active"
        self.paused_on = self.resume_on = None
