"""What a subscription is charged for, and what a coupon takes off it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self, cast
from uuid import UUID

from nextbill.capabilities.subscriptions.rules.states import Billing
from nextbill.kernel.money import Money, Rounding, total

PPM: Final = 1_000_000
ALL: Final = "*"


@dataclass(frozen=True, slots=True)
class Item:
    """`quantity` pieces at `unit`, charged with each period, or once with the first charge (`first_period`)."""

    kind: str
    product_id: UUID
    code: str
    name: str
    quantity: int
    unit: Money
    price_id: UUID | None
    price_version: int
    billing: Billing = "each_period"

    @property
    def price(self) -> Money:
        return self.unit * self.quantity

    def to_json(self) -> dict[str, Any]:
        price_id = str(self.price_id) if self.price_id else None
        found = {name: value for name, value in asdict(self).items() if name not in ("unit", "product_id", "price_id")}
        return {**found, "product_id": str(self.product_id), "price_id": price_id, "unit_minor": self.unit.minor, "currency": self.unit.currency}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(
            kind=value["kind"],
            product_id=UUID(value["product_id"]),
            code=value["code"],
            name=value["name"],
            quantity=value["quantity"],
            unit=Money(value["unit_minor"], value["currency"]),
            price_id=UUID(value["price_id"]) if value["price_id"] else None,
            price_version=value["price_version"],
            billing=cast("Billing", value["billing"]),
        )


@dataclass(frozen=True, slots=True)
class Discount:
    """What the order's coupon takes off each period with an index below `until_index` (None: for ever): parts per million of each item that it is for, or
    an amount of them together, at most what they cost. `plan_codes` are of plans, products and add-ons; empty: everything."""

    redemption_id: UUID
    code: str
    percent_ppm: int | None
    amount: Money | None
    plan_codes: tuple[str, ...]
    until_index: int | None

    def covers(self, index: int) -> bool:
        return self.until_index is None or index < self.until_index

    def fits(self, item: Item, plan_code: str) -> bool:
        """Options are the plan's."""
        if item.billing != "each_period":
            return False
        return not self.plan_codes or ALL in self.plan_codes or (item.code if item.kind == "addon" else plan_code) in self.plan_codes


@dataclass(frozen=True, slots=True)
class Charge:
    """An item in one period: `off` is what the coupon takes off it."""

    item: Item
    off: Money

    @property
    def net(self) -> Money:
        return self.item.price - self.off


def each_period(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.billing == "each_period"]


def period_price(items: Sequence[Item], currency: str) -> Money:
    """What a period costs, before any coupon."""
    return total([item.price for item in each_period(items)], currency)


def charges(items: Sequence[Item], *, plan_code: str, discount: Discount | None, index: int) -> list[Charge]:
    """What the period of that index costs, item by item: a percentage rounded half up for each, an amount split without losing a unit."""
    if discount is None or not discount.covers(index):
        return [Charge(item, Money.zero(item.unit.currency)) for item in items]
    return [Charge(item, off) for item, off in zip(items, _offs(items, plan_code, discount), strict=True)]


def _offs(items: Sequence[Item], plan_code: str, discount: Discount) -> list[Money]:
    zeros = [Money.zero(item.unit.currency) for item in items]
    eligible = [item.price if discount.fits(item, plan_code) else zero for item, zero in zip(items, zeros, strict=True)]
    if discount.percent_ppm is not None:
        return [price.share(discount.percent_ppm, PPM, Rounding.HALF_UP) for price in eligible]
    whole = total(eligible, zeros[0].currency) if zeros else None
    if discount.amount is None or not whole:
        return zeros
    return min(discount.amount, whole).allocate([price.minor for price in eligible])
