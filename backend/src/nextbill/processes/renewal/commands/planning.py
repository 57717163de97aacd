"""Prices, groups and taxes what is due. Reads only: a dry run and the run come to the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from nextbill.capabilities import customers, invoicing, ledger, subscriptions, tax
from nextbill.kernel.errors import Problem
from nextbill.kernel.money import Money
from nextbill.processes.renewal.rules import GroupKey, Priced, group_key, invoice_line, priced, taxable
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class Grouped:
    """What goes on one invoice, in the order of its lines."""

    key: GroupKey
    lines: tuple[Priced, ...]
    bill: invoicing.Bill

    @property
    def charged(self) -> bool:
        """By itself, to the card on file."""
        return self.key[3] == "charge"


@dataclass(slots=True)
class Plan:
    """`free`: periods for which nothing is to be paid. `asides`: what is not billed, and why."""

    bills: list[Grouped] = field(default_factory=list)
    free: list[subscriptions.Due] = field(default_factory=list)
    asides: list[subscriptions.Aside] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return sum(len(group.lines) for group in self.bills)

    def refuse(self, lines: Sequence[Priced], reason: str) -> None:
        self.asides.extend(subscriptions.Aside(line.due, "refused", reason) for line in lines)


async def make_plan(tx: ReadTx, dues: Sequence[subscriptions.Due], *, on: date, origin_id: UUID) -> Plan:
    """One that cannot be priced is set aside by itself, a customer who cannot be taxed with all that is due from them."""
    plan = Plan()
    groups = _groups(plan, dues, on)
    found = await customers.get_customers(tx, list({key[0] for key in groups}))
    rates = await _rates(tx, {key[1] for key in groups}, on=on)
    ready: dict[GroupKey, list[Priced]] = {}
    for key, lines in groups.items():
        if (problem := _problem(found.get(key[0]), rates[key[1]])) is not None:
            plan.refuse(lines, problem)
        else:
            ready[key] = lines
    taxed = await tax.assess_many(tx, [_sale(found[key[0]], lines, rates[key[1]]) for key, lines in ready.items()], on=on)
    for (key, lines), answer in zip(ready.items(), taxed, strict=True):
        if isinstance(answer, Exception):
            plan.refuse(lines, _told(answer))
        else:
            _add(plan, key, lines, answer, customer=found[key[0]], origin_id=origin_id)
    return plan


def _groups(plan: Plan, dues: Sequence[subscriptions.Due], on: date) -> dict[GroupKey, list[Priced]]:
    groups: dict[GroupKey, list[Priced]] = {}
    for due in sorted(dues, key=lambda one: one.id):
        late = subscriptions.too_late(due, on)
        if late is not None:
            plan.asides.append(subscriptions.Aside(due, "late", late))
            continue
        try:
            line = priced(due)
        except ValueError as error:  # prices in several currencies, or none of its items' at all
            plan.asides.append(subscriptions.Aside(due, "refused", str(error)))
            continue
        if line.net:
            groups.setdefault(group_key(due, on), []).append(line)
        else:
            plan.free.append(due)
    return groups


async def _rates(tx: ReadTx, currencies: set[str], *, on: date) -> Mapping[str, int | ledger.RateMissing]:
    found: dict[str, int | ledger.RateMissing] = {}
    for currency in sorted(currencies):
        try:
            found |= await ledger.rates_on(tx, {currency}, on=on)
        except ledger.RateMissing as error:
            found[currency] = error
    return found


def _problem(customer: customers.Customer | None, rate: int | ledger.RateMissing) -> str | None:
    if isinstance(rate, ledger.RateMissing):
        return _told(rate)
    if customer is None or customer.address is None:
        return "The customer has no address: it cannot be known how this is taxed."
    return None


def _sale(customer: customers.Customer, lines: Sequence[Priced], rate: int | ledger.RateMissing) -> tax.TaxableSale:
    where = customer.address
    if where is None or isinstance(rate, ledger.RateMissing):
        raise LookupError("a customer without an address, or a currency without a rate, was set aside")
    return tax.TaxableSale(
        taxable(lines), where.country, where.state or None, customer.status, customer.tax_id, customer.id, where.postal_code, home_rate_ppm=rate
    )


def _add(
    plan: Plan, key: GroupKey, lines: Sequence[Priced], taxed: Sequence[tax.TaxedLine], *, customer: customers.Customer, origin_id: UUID
) -> None:
    written = tuple(invoice_line(line, one) for line, one in zip(lines, taxed, strict=True))
    problems = [problem for line in written if (problem := invoicing.problem_of(line)) is not None]
    if problems:
        plan.refuse(lines, "; ".join(problems))
        return
    customer_id, currency, due_on, _collection = key
    references = invoicing.References(customer.buyer_reference)
    bill = invoicing.Bill(
        customer_id, subscriptions.RUN, origin_id, written, invoicing.buyer_of(customer), currency, due_on, references
    )  # fmt: skip
    plan.bills.append(Grouped(key, tuple(lines), bill))


def _told(error: Problem) -> str:
    """In one sentence, with what to do where the refusal says so."""
    said = error.detail
    hints = "; ".join(f"{name}: {what}" for name, what in error.fields.items())
    return f"{said} ({hints})" if hints else said


def sums_of(plans: Iterable[Plan]) -> list[subscriptions.RunSum]:
    """Invoices, net and tax by currency."""
    sums: dict[str, list[int]] = {}
    for group in (group for plan in plans for group in plan.bills):
        counted = sums.setdefault(group.bill.currency, [0, 0, 0])
        counted[0] += 1
        counted[1] += sum(line.net.minor for line in group.bill.lines)
        counted[2] += sum(line.tax.tax.minor for line in group.bill.lines)
    return [subscriptions.RunSum(count, Money(net, currency), Money(owed, currency)) for currency, (count, net, owed) in sorted(sums.items())]
