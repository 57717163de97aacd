"""What a coupon takes off, and why it may not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from nextbill.kernel.money import Money, Rounding, total

PPM: Final = 1_000_000
ALL: Final = "*"
CouponState = Literal["active", "withdrawn"]
CouponKind = Literal["percent", "amount"]
Refusal = Literal[
    "coupon_unknown",
    "coupon_not_yet",
    "coupon_expired",
    "coupon_used_up",
    "coupon_used_before",
    "coupon_for_new_customers",
    "coupon_not_for_this",
    "coupon_below_minimum",
    "coupon_not_in_currency",
]


@dataclass(frozen=True, slots=True)
class Coupon:
    """`percent_ppm`: parts per million of each thing that it is for; `amounts`: off the cart, by currency. `periods` None: for ever."""

    id: UUID
    code: str
    name: str
    kind: CouponKind
    percent_ppm: int | None
    amounts: Mapping[str, int]
    minimums: Mapping[str, int]
    periods: int | None
    plan_codes: tuple[str, ...]
    tlds: tuple[str, ...]
    covers_setup: bool
    new_customers_only: bool
    per_customer: int | None
    max_uses: int | None
    used_count: int
    valid_from: date | None
    valid_until: date | None
    state: CouponState
    version: int

    @property
    def uses_each(self) -> int | None:
        """How often one customer may use it. Nobody is new twice: of two orders that wait to be paid, one is a new customer's first."""
        return 1 if self.new_customers_only else self.per_customer


@dataclass(frozen=True, slots=True)
class Discountable:
    """A part of a cart at its price before the coupon. `plan_code` of a plan, add-on, product or option's plan; `tld` of a name."""

    net: Money
    plan_code: str | None = None
    tld: str | None = None
    setup: bool = False


@dataclass(frozen=True, slots=True)
class Basket:
    """What a coupon is held against. `used_before`: how often this customer has used it."""

    items: Sequence[Discountable]
    currency: str
    new_customer: bool
    used_before: int
    on: date


def coupon_refusal(coupon: Coupon, basket: Basket) -> Refusal | None:
    """The first reason against it; None where it holds."""
    return _of_time(coupon, basket.on) or _of_use(coupon, basket) or _of_cart(coupon, basket)


def _of_time(coupon: Coupon, on: date) -> Refusal | None:
    if coupon.state != "active":
        return "coupon_unknown"
    if coupon.valid_from is not None and on < coupon.valid_from:
        return "coupon_not_yet"
    return "coupon_expired" if coupon.valid_until is not None and on >= coupon.valid_until else None


def _of_use(coupon: Coupon, basket: Basket) -> Refusal | None:
    if coupon.max_uses is not None and coupon.used_count >= coupon.max_uses:
        return "coupon_used_up"
    if coupon.uses_each is not None and basket.used_before >= coupon.uses_each:
        return "coupon_used_before"
    return "coupon_for_new_customers" if coupon.new_customers_only and not basket.new_customer else None


def _of_cart(coupon: Coupon, basket: Basket) -> Refusal | None:
    eligible = [item for item in basket.items if fits(coupon, item)]
    if not eligible:
        return "coupon_not_for_this"
    if coupon.kind == "amount" and basket.currency not in coupon.amounts:
        return "coupon_not_in_currency"
    if coupon.minimums and basket.currency not in coupon.minimums:
        return "coupon_not_in_currency"
    least = coupon.minimums.get(basket.currency, 0)
    return "coupon_below_minimum" if total([item.net for item in basket.items], basket.currency).minor < least else None


def fits(coupon: Coupon, item: Discountable) -> bool:
    if item.setup and not coupon.covers_setup:
        return False
    if not coupon.plan_codes and not coupon.tlds:
        return True
    listed, name = (coupon.tlds, item.tld) if item.tld is not None else (coupon.plan_codes, item.plan_code)
    return ALL in listed or name in listed


def discounts(coupon: Coupon, items: Sequence[Discountable], currency: str) -> list[Money]:
    """What it takes off each item, zero where it is not for it: never more than the item costs.

    A percentage is rounded half up item by item, as renewals will see them alone; an amount is split without losing a unit.
    """
    zero = Money.zero(currency)
    eligible = [item.net if fits(coupon, item) else zero for item in items]
    if coupon.kind == "percent":
        return [net.share(coupon.percent_ppm or 0, PPM, Rounding.HALF_UP) for net in eligible]
    whole = total(eligible, currency)
    off = min(Money(coupon.amounts.get(currency, 0), currency), whole)
    return off.allocate([net.minor for net in eligible]) if whole else [zero for _ in items]


def period_discounts(nets: Sequence[Money], *, percent_ppm: int | None, again: Money | None, periods: int | None, period_index: int) -> list[Money]:
    """What each item of a later period costs less. Period 0 is the first one that is charged; `again`: an amount's share of the line."""
    zeros = [Money.zero(net.currency) for net in nets]
    if periods is not None and period_index >= periods:
        return zeros
    if percent_ppm is not None:
        return [net.share(percent_ppm, PPM, Rounding.HALF_UP) for net in nets]
    whole = total(nets, nets[0].currency) if nets else None
    if again is None or not whole:
        return zeros
    return min(again, whole).allocate([net.minor for net in nets])
