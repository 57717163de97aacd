"""Months and money, from scratch. Amounts are decimals of whole units: 9.50 is nine and a half euro."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from nextbill_lab.simulate.shop import DIGITS

NOTHING = Decimal(0)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def units(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-DIGITS[currency])


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To the smallest coin, halves up."""
    return amount.quantize(Decimal(1).scaleb(-DIGITS[currency]), rounding=ROUND_HALF_UP)


def portion(amount: Decimal, days: int, of_days: int, currency: str) -> Decimal:
    return rounded(amount * days / of_days, currency)


def spread(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """By weights, coin by coin: whoever lost most to rounding down gets the first of those that are left."""
    whole, coin = sum(weights, NOTHING), Decimal(1).scaleb(-DIGITS[currency])
    exact = [amount * weight / whole for weight in weights]
    parts = [share - share % coin for share in exact]
    left = int((amount - sum(parts, NOTHING)) / coin)
    for place in sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))[:left]:
        parts[place] += coin
    return parts
