"""What the year's shop sells: the price list as staff enters it, and as whoever counts again reads it. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CURRENCIES: Final = ("EUR", "USD", "JPY")
DIGITS: Final[Mapping[str, int]] = {"EUR": 2, "USD": 2, "JPY": 0}
RATES: Final[Mapping[str, int]] = {"EUR": 1_085_000, "JPY": 6_700}
"""Millionths of a dollar, the currency of the books."""
SELLER: Final = "DE"
MONTHS_PAID_PER_YEAR: Final = 10


@dataclass(frozen=True)
class Plan:
    """`monthly` and `setup` by currency; a year costs ten months. `names`: a domain of these endings comes with a year of it."""

    code: str
    name: str
    kind: str
    monthly: Mapping[str, int]
    setup: Mapping[str, int] | None = None
    trial_days: int = 0
    addons: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coupon:
    """`percent`, or an amount by currency, off each of so many periods; `periods` None: for ever."""

    code: str
    percent: int | None
    amounts: Mapping[str, int]
    periods: int | None


def _prices(euro: int, dollar: int, yen: int) -> dict[str, int]:
    return {"EUR": euro, "USD": dollar, "JPY": yen}


PLANS: Final = (
    Plan("backups", "Hourly backups", "addon", _prices(390, 400, 600)),
    Plan("own-address", "Own address", "addon", _prices(590, 650, 900), setup=_prices(1000, 1100, 1500)),
    Plan("solo", "Solo", "hosting", _prices(890, 950, 1480), addons=("backups",)),
    Plan("studio", "Studio", "hosting", _prices(2450, 2690, 3980), addons=("backups", "own-address"), names=("com", "net", "org", "de")),
    Plan("agency", "Agency", "hosting", _prices(7990, 8790, 12800), setup=_prices(2500, 2750, 4000), addons=("own-address",)),
    Plan("taster", "Taster", "hosting", _prices(1290, 1390, 1980), trial_days=14),
    Plan("mailboxes", "Mailboxes", "product", _prices(215, 235, 350)),
)
BY_CODE: Final = {plan.code: plan for plan in PLANS}
COUPONS: Final = (
    Coupon("SPRING", 50, {}, 3),
    Coupon("FAITHFUL", 15, {}, None),
    Coupon("FIVER", None, _prices(500, 550, 800), 6),
)
BY_COUPON: Final = {coupon.code: coupon for coupon in COUPONS}
TLDS: Final[Mapping[str, Mapping[str, int]]] = {
    "com": {"EUR": 1299, "USD": 1499},
    "net": {"EUR": 1399, "USD": 1599},
    "de": {"EUR": 799, "USD": 999},
}
"""A year of a name, as a new sandbox sells it."""


@dataclass(frozen=True)
class Rise:
    """A new price for months of a plan in one currency."""

    plan: str
    currency: str
    monthly: int


RISE: Final = Rise("solo", "EUR", 990)
"""The year's one price rise."""
LIMITS: Final[Mapping[str, int]] = {"accounts": 1, "domains": 10, "databases": 50, "emails": 100}
