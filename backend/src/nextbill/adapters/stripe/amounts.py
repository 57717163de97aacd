"""Our minor units are ISO 4217's; Stripe's differ for a few currencies, which are refused rather than guessed."""

from __future__ import annotations

from typing import Final

from nextbill.kernel.money import Money, exponent
from nextbill.runtime.vendors import VendorRejected

ZERO_DECIMAL: Final = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
THREE_DECIMAL: Final = frozenset("BHD JOD KWD OMR TND".split())
LARGEST: Final = 99_999_999
"""Eight digits."""


def to_stripe(money: Money) -> int:
    """Stripe's integer amount, or VendorRejected before anything is sent."""
    places = 0 if money.currency in ZERO_DECIMAL else 3 if money.currency in THREE_DECIMAL else 2
    if places != exponent(money.currency):
        raise VendorRejected("currency_unsupported", f"{money.currency} is counted in other units there: not taken until this has been seen to work")
    if places == 3 and money.minor % 10:
        raise VendorRejected("amount_too_fine", f"{money}: the last digit must be 0")
    if not 0 < money.minor <= LARGEST:
        raise VendorRejected("amount_out_of_range", f"{money} is not an amount that a card can be charged")
    return money.minor


def from_stripe(amount: int, currency: str) -> Money:
    return Money(amount, currency.upper())
