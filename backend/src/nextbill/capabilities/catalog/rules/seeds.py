"""What the shop starts with, and what the sandbox shows beyond it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle

MONTHLY: Final = Cycle("month")
YEARLY: Final = Cycle("year")
MONTHS_PAID_PER_YEAR: Final = 10
SINCE_EVER: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class SeedPlan:
    code: str
    name: str
    tagline: str
    features: tuple[str, ...]
    limits: Mapping[str, int | None]
    monthly: Money


def _limits(accounts: int | None, domains: int | None, *, databases: int | None, emails: int | None) -> dict[str, int | None]:
    """None is unlimited."""
    return {"accounts": accounts, "domains": domains, "databases": databases, "emails": emails}


SEED_PLANS: Final = (
    SeedPlan("starter", "Starter", "One site, done well", ("free_ssl", "daily_backups"), _limits(1, 3, databases=5, emails=10), Money(2900, "USD")),
    SeedPlan(
        "professional",
        "Professional",
        "For agencies and growing shops",
        ("free_ssl", "daily_backups", "staging", "priority_support"),
        _limits(5, 25, databases=50, emails=100),
        Money(9900, "USD"),
    ),
    SeedPlan(
        "enterprise",
        "Enterprise",
        "No limits, and people who answer",
        ("free_ssl", "daily_backups", "staging", "priority_support", "dedicated_contact"),
        _limits(None, None, databases=None, emails=None),
        Money(29900, "USD"),
    ),
)

SEED_TLDS: Final[Mapping[str, int]] = {
    "com": 1499,
    "net": 1599,
    "org": 1499,
    "io": 4900,
    "de": 999,
    "shop": 2999,
    "dev": 1599,
    "co": 2999,
    "info": 1999,
}
"""US cents a year, the same for registration, renewal and transfer."""


def seed_prices(plan: SeedPlan) -> dict[Cycle, Money]:
    return {MONTHLY: plan.monthly, YEARLY: plan.monthly * MONTHS_PAID_PER_YEAR}


DEMO_COUPON: Final = "WELCOME10"
DEMO_TLDS_EUR: Final[Mapping[str, int]] = {"com": 1299, "net": 1399, "org": 1299, "de": 799, "shop": 2799, "info": 1799}
"""Euro cents a year. The sandbox sells these endings in a second currency too; the others in dollars only."""
