"""Which rule taxes a line. Rates are parts per million (190000 = 19 %)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

BuyerKind = Literal["any", "consumer", "business", "registered"]
"""`registered` is a business whose tax id counts: in the European Union one that VIES confirmed, elsewhere one that was given."""

TaxCategory = Literal["S", "Z", "E", "AE", "G", "K", "O"]
"""UNTDID 5305 as EN 16931 uses it: standard, zero rated, exempt, reverse charge, export, intra-community, outside the scope of tax."""


@dataclass(frozen=True, slots=True)
class TaxRule:
    """None in `state` or `product_class` means all of them. `valid_until` is the first day on which it no longer holds.

    `version` counts the rules for the same country, state, class and kind of buyer, from 1."""

    id: UUID
    country: str
    state: str | None
    product_class: str | None
    buyer: BuyerKind
    rate_ppm: int
    name: str
    valid_from: date
    valid_until: date | None
    category: TaxCategory = "S"
    exemption_code: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a supply is taxed, and what kind of buyer it goes to."""

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


def choose(rules: Iterable[TaxRule], *, place: Place, product_class: str, on: date) -> TaxRule | None:
    """The most particular rule in force: state before class before kind of buyer, then the youngest; ids break a tie."""
    fitting = [rule for rule in rules if _fits(rule, place=place, product_class=product_class, on=on)]
    return max(fitting, key=lambda rule: _weight(rule, place), default=None)


def default_category(rate_ppm: int, buyer: BuyerKind) -> TaxCategory:
    """Where whoever made the rule named none: a rate is standard; nothing for registered businesses is their own charge; else it is exempt."""
    if rate_ppm:
        return "S"
    return "AE" if buyer == "registered" else "E"


def _fits(rule: TaxRule, *, place: Place, product_class: str, on: date) -> bool:
    here = rule.country == place.country and rule.state in (None, place.state)
    then = rule.valid_from <= on and (rule.valid_until is None or on < rule.valid_until)
    return here and then and rule.product_class in (None, product_class) and rule.buyer in place.kinds


def _weight(rule: TaxRule, place: Place) -> tuple[bool, bool, int, date, UUID]:
    return (rule.state is not None, rule.product_class is not None, -place.kinds.index(rule.buyer), rule.valid_from, rule.id)
