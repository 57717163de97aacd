"""Which rule taxes a line, and how much. Pure; rates are parts per million (190000 = 19 %)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from nextbill.kernel.money import Money, Rounding

BuyerKind = Literal["any", "consumer", "business", "registered"]
"""`registered` is a business that gave a tax id."""

TaxCategory = Literal["S", "Z", "E", "AE", "K", "G", "O"]

PPM: Final = 1_000_000
ROUNDING: Final = Rounding.HALF_UP
"""Per line, half up: what tax offices expect, and what makes the lines add up to the invoice without a rounding line."""


@dataclass(frozen=True, slots=True)
class TaxRule:
    """None in `state` or `product_class` means all of them. `valid_until` is the first day on which it no longer holds."""

    id: UUID
    country: str
    state: str | None
    product_class: str | None
    buyer: BuyerKind
    rate_ppm: int
    name: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the buyer is and what kind of buyer it is."""

    country: str
    state: str | None
    status: str
    tax_id: str | None

    @property
    def kinds(self) -> tuple[BuyerKind, ...]:
        """From the particular to the general."""
        if self.status != "business":
            return ("consumer", "any")
        return ("registered", "business", "any") if self.tax_id else ("business", "any")


@dataclass(frozen=True, slots=True)
class TaxableLine:
    ref: str
    product_class: str
    net: Money


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """`note` says why: the rule's name, or that no rule applies.

    `category` is the code of EN 16931 (UNTDID 5305): S standard rate, Z zero rate, E exempt, AE reverse charge, K intra-community,
    G export, O outside the scope of tax. `exemption_code` is the reason's code (VATEX-…) where the category asks for one."""

    ref: str
    net: Money
    rate_ppm: int
    tax: Money
    rule_id: UUID | None
    note: str
    category: TaxCategory
    exemption_code: str | None = None

    @property
    def gross(self) -> Money:
        return self.net + self.tax


def choose(rules: Iterable[TaxRule], *, place: Place, product_class: str, on: date) -> TaxRule | None:
    """The most particular rule in force: state before class before kind of buyer, then the youngest; ids break a tie."""
    fitting = [rule for rule in rules if _fits(rule, place=place, product_class=product_class, on=on)]
    return max(fitting, key=lambda rule: _weight(rule, place), default=None)


def apply(line: TaxableLine, rule: TaxRule | None) -> TaxedLine:
    if rule is None:
        return TaxedLine(line.ref, line.net, 0, Money.zero(line.net.currency), None, "No tax: no rule applies", "O")
    tax = line.net.share(rule.rate_ppm, PPM, ROUNDING)
    return TaxedLine(line.ref, line.net, rule.rate_ppm, tax, rule.id, rule.name, "S" if rule.rate_ppm else "Z")


def _fits(rule: TaxRule, *, place: Place, product_class: str, on: date) -> bool:
    here = rule.country == place.country and rule.state in (None, place.state)
    then = rule.valid_from <= on and (rule.valid_until is None or on < rule.valid_until)
    return here and then and rule.product_class in (None, product_class) and rule.buyer in place.kinds


def _weight(rule: TaxRule, place: Place) -> tuple[bool, bool, int, date, UUID]:
    return (rule.state is not None, rule.product_class is not None, -place.kinds.index(rule.buyer), rule.valid_from, rule.id)
