"""The year as a small annual report, out of the product's own rows. Sums of several currencies are in the currency of the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, LiteralString

from nextbill_lab.bench.database import Owner
from nextbill_lab.simulate.books import Figures, units
from nextbill_lab.simulate.shop import RATES

HOME: Final = "USD"
AGES: Final = ((0, "not due"), (30, "1 to 30 days"), (60, "31 to 60 days"), (90, "61 to 90 days"), (10_000, "older"))

_RUNNING: LiteralString = (
    "select currency, cycle_unit, count(*), sum(price_minor) from subscriptions_subscription where state in ('active', 'past_due') group by 1, 2"
)
_SO_FAR: LiteralString = (
    "select count(distinct customer_id) filter (where started_at is not null), count(*) filter (where state = 'ended') "
    "from subscriptions_subscription"
)
_TRIALS: LiteralString = (
    "select count(*), count(*) filter (where period_index >= 0), count(*) filter (where state = 'trialing') "
    "from subscriptions_subscription where trial_days > 0 and started_at is not null"
)
_CHARGES: LiteralString = (
    "select count(*), count(*) filter (where state = 'succeeded'), count(distinct payable_id) filter (where state = 'failed') "
    "from payments_attempt where kind = 'charge'"
)
_RECOVERED: LiteralString = (
    "select count(distinct a.payable_id) from payments_attempt a join payments_payable p on p.id = a.payable_id "
    "where a.kind = 'charge' and a.state = 'failed' and p.state in ('paid', 'settled')"
)
_OPEN: LiteralString = "select currency, due_on, due_minor from invoicing_invoice where state = 'open' and due_minor > 0"


@dataclass(frozen=True)
class Month:
    """At its end. `recurring`: what all that runs costs in a month, at list prices; `joined` and `left`: since the month before."""

    month: str
    recurring: str
    running: int
    joined: int
    left: int


@dataclass
class Report:
    seed: int
    customers: int
    begins: date
    until: date
    faults: bool
    currency: str = HOME
    months: list[Month] = field(default_factory=list)
    revenue: str = ""
    plans: dict[str, str] = field(default_factory=dict)
    left: int = 0
    churn_percent_a_month: str = "0"
    trials: dict[str, int] = field(default_factory=dict)
    charges: dict[str, int] = field(default_factory=dict)
    ageing: dict[str, str] = field(default_factory=dict)
    tax: dict[str, str] = field(default_factory=dict)
    prices_raised: int = 0
    compared: int = 0
    differences: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        return asdict(self) | {"begins": self.begins.isoformat(), "until": self.until.isoformat()}


def at_home(amount: Decimal, currency: str) -> Decimal:
    return amount * RATES.get(currency, 1_000_000) / 1_000_000


def money(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP)}"


def month_end(owner: Owner, day: date, before: Sequence[Month]) -> Month:
    recurring, running = Decimal(), 0
    for currency, unit, count, minor in owner.rows(_RUNNING):
        recurring += at_home(units(minor, currency), currency) / (12 if unit == "year" else 1)
        running += count
    joined, left = owner.rows(_SO_FAR)[0]
    return Month(
        f"{day:%Y-%m}", money(recurring), running, joined - sum(month.joined for month in before), left - sum(month.left for month in before)
    )


def fill_in(report: Report, owner: Owner, found: Figures) -> None:
    """From the books at the end of the last day. `found`: as `books.ours` has them."""
    plans: dict[str, Decimal] = defaultdict(Decimal)
    for name, amount in found.items():
        if name.startswith("revenue of ") and isinstance(amount, Decimal):
            plan, currency = name.removeprefix("revenue of ").rsplit(" ", 1)
            plans[plan] += at_home(amount, currency)
        elif name.startswith("tax in ") and amount:
            report.tax[name.removeprefix("tax in ")] = str(amount)
    report.revenue = money(sum(plans.values(), Decimal()))
    report.plans = {plan: money(plans[plan]) for plan in sorted(plans, key=lambda plan: (-plans[plan], plan))}
    report.tax = dict(sorted(report.tax.items()))
    report.left = sum(month.left for month in report.months)
    lived = sum(month.running + month.left for month in report.months)
    report.churn_percent_a_month = money(Decimal(100 * report.left) / lived) if lived else "0"
    begun, stayed, running = owner.rows(_TRIALS)[0]
    report.trials = {"begun": begun, "stayed": stayed, "running": running}
    tried, succeeded, met = owner.rows(_CHARGES)[0]
    report.charges = {"tried": tried, "succeeded": succeeded, "invoices refused": met, "of these paid later": owner.one(_RECOVERED)}
    report.ageing = _ageing(owner, report.until)


def _ageing(owner: Owner, until: date) -> dict[str, str]:
    sums = {name: Decimal() for _, name in AGES}
    for currency, due_on, minor in owner.rows(_OPEN):
        days = (until - due_on).days
        sums[next(name for most, name in AGES if days <= most)] += at_home(units(minor, currency), currency)
    return {name: money(amount) for name, amount in sums.items()}
