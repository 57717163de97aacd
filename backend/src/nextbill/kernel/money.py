"""Money as integer minor units and a currency. It refuses to mix currencies and names its rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum
from functools import cache

import babel.numbers

# ISO 4217 minor units other than two.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
CURRENCIES = frozenset(babel.numbers.list_currencies())


class Rounding(Enum):
    """HALF_UP is what tax offices expect; DOWN never charges more than owed."""

    HALF_UP = ROUND_HALF_UP
    HALF_EVEN = ROUND_HALF_EVEN
    DOWN = ROUND_DOWN


class MoneyError(ValueError):
    """Currencies mixed, an unknown currency, or an amount with more decimals than its currency has."""


def exponent(currency: str) -> int:
    """Decimals of the currency by ISO 4217."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise MoneyError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        if self.currency not in CURRENCIES:
            raise MoneyError(f"{self.currency!r} is not an ISO 4217 currency")

    @staticmethod
    @cache
    def zero(currency: str) -> Money:
        """The same for everybody: money does not change."""
        return Money(0, currency)

    @classmethod
    def parse(cls, amount: str, currency: str) -> Money:
        """`"12.89"`, `"-14.990"`: exact; an amount finer than the minor unit is an error, trailing zeros are not."""
        try:
            scaled = Decimal(amount).scaleb(exponent(currency))
        except InvalidOperation:
            raise MoneyError(f"{amount!r} is not an amount") from None
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise MoneyError(f"{amount!r} is finer than a minor unit of {currency}")
        return cls(int(scaled), currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        if type(quantity) is not int:
            raise MoneyError("multiply by a whole number, or use share() and name the rounding")
        return Money(self.minor * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal:f} {self.currency}"

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def share(self, numerator: int, denominator: int, rounding: Rounding) -> Money:
        """This amount times numerator / denominator, rounded to the minor unit as named."""
        exact = Decimal(self.minor) * numerator / denominator
        return Money(int(exact.quantize(Decimal(1), rounding=rounding.value)), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split by weights without losing a unit: largest remainders first, earlier parts on a tie."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise MoneyError("weights are not negative and not all zero")
        floors = [self.minor * weight // total for weight in weights]
        remainders = [self.minor * weight % total for weight in weights]
        order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
        for i in order[: self.minor - sum(floors)]:
            floors[i] += 1
        return [Money(part, self.currency) for part in floors]

    def format(self, locale: str = "en_US") -> str:
        return babel.numbers.format_currency(self.decimal, self.currency, locale=locale)

    def _same(self, other: Money) -> int:
        if not isinstance(other, Money) or other.currency != self.currency:
            raise MoneyError(f"cannot combine {self} with {other}")
        return other.minor


def total(parts: Sequence[Money], currency: str) -> Money:
    """Sum of the parts; zero of the currency when there are none."""
    result = Money.zero(currency)
    for part in parts:
        result = result + part
    return result
