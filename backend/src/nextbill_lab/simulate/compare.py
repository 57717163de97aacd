"""The two counts, figure by figure. What one side does not name is nothing to it: zero, or an empty list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nextbill_lab.simulate.books import Figures, shown_service
from nextbill_lab.simulate.recount.walk import Customer


@dataclass(frozen=True)
class Difference:
    figure: str
    recounted: str
    found: str

    def __str__(self) -> str:
        return f"{self.figure}: recounted {self.recounted or 'nothing'}, found {self.found or 'nothing'}"


@dataclass(frozen=True)
class Verdict:
    compared: int
    differences: tuple[Difference, ...]


def compare(recounted: Figures, found: Figures) -> Verdict:
    names = sorted({*recounted, *found})
    pairs = ((name, _plain(recounted.get(name)), _plain(found.get(name))) for name in names)
    return Verdict(len(names), tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2]))


def _plain(value: Decimal | str | None) -> str:
    if value is None or value == 0:
        return ""
    return value if isinstance(value, str) else f"{value.normalize():f}"


def figures(counted: Mapping[str, Customer], *, last: date) -> Figures:
    """What the recount says on the evening of the `last` day, under the names of `books`."""
    found: Figures = {}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for email, customer in counted.items():
        found |= _of_customer(email, customer, last)
        for name, amount in _shares(customer):
            sums[name] += amount
    names = sorted(name for customer in counted.values() for name in customer.kept_names)
    return found | dict(sums) | {"registrar: names": ", ".join(names)}


def _of_customer(email: str, customer: Customer, last: date) -> Figures:
    account = customer.account
    currency, open_ = account.currency, sum((invoice.open for invoice in account.invoices), Decimal())
    running = [service for service in customer.services if service.kind == "hosting" and service.state in ("trialing", "active")]
    kept = sorted(shown_service(service.plan.code, customer.standing(service, last), service.end) for service in customer.services)
    return {
        f"{email}: invoices": Decimal(len(account.invoices)),
        f"{email}: invoiced {currency}": sum((invoice.total for invoice in account.invoices), Decimal()),
        f"{email}: open {currency}": open_,
        f"{email}: receivable {currency}": open_,
        f"{email}: credited {currency}": account.credited,
        f"{email}: credit {currency}": account.credit,
        f"{email}: refused charges": Decimal(account.refusals),
        f"{email}: running accounts": Decimal(len(running)),
        f"{email}: valid licenses": Decimal(len(running)),
        f"{email}: keeps": ", ".join(kept),
        f"{email}: names": ", ".join(customer.kept_names),
    }


def _shares(customer: Customer) -> list[tuple[str, Decimal]]:
    """What a customer adds to the figures of the whole."""
    account, country = customer.account, customer.life.country
    currency, place = account.currency, f"{country} {(account.rate * 100).normalize():f} %"
    found = [(f"gateway: money {currency}", account.cash), (f"ledger: money at the gateway {currency}", account.cash)]
    for invoice in account.invoices:
        for line in invoice.lines:
            net = line.net - line.credited_net
            found += [(f"sold in {place} {currency}", net), (f"tax in {place} {currency}", line.tax - line.credited_tax)]
            found.append((f"revenue of {line.plan} {currency}", net))
    return found
