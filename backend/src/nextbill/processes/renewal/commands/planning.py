"""Prices, groups and taxes what is due. Reads only: a dry run and the run come to the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from nextbill.capabilities import customers, domains, invoicing, ledger, subscriptions, tax
from nextbill.kernel.errors import Problem
from nextbill.kernel.money import Money
from nextbill.processes.renewal.queries import FoundNames
from nextbill.processes.renewal.rules import (
    GroupKey,
    NameDays,
    Price,
    Priced,
    PricedName,
    Wording,
    group_key,
    invoice_line,
    name_key,
    name_line,
    price_of,
    taxable,
    wording,
)
from nextbill.runtime.database import ReadTx

Line = Priced | PricedName
Why = tuple[subscriptions.AsideKind, str]


@dataclass(frozen=True, slots=True)
class Grouped:
    """What goes on one invoice, in the order of its lines: subscriptions, then names."""

    key: GroupKey
    lines: tuple[Priced, ...]
    names: tuple[PricedName, ...]
    bill: invoicing.Bill

    @property
    def charged(self) -> bool:
        """By itself, to the card on file."""
        return self.key[3] == "charge"


@dataclass(slots=True)
class Plan:
    """`free`: periods for which nothing is to be paid. `asides`: what is not billed, and why. `free_names` and `held` say the same of names."""

    bills: list[Grouped] = field(default_factory=list)
    free: list[subscriptions.Due] = field(default_factory=list)
    asides: list[subscriptions.Aside] = field(default_factory=list)
    free_names: list[domains.Renewing] = field(default_factory=list)
    held: list[domains.HeldName] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return sum(len(group.lines) + len(group.names) for group in self.bills)

    @property
    def anything(self) -> bool:
        return bool(self.bills or self.free or self.asides or self.free_names or self.held)

    @property
    def names(self) -> set[UUID]:
        """Of all that it is about, whatever becomes of them."""
        decided = [*self.free_names, *(held.due for held in self.held), *(name.due for group in self.bills for name in group.names)]
        return {due.id for due in decided}

    def refuse(self, lines: Sequence[Line], reason: str) -> None:
        for line in lines:
            if isinstance(line, PricedName):
                self.held.append(domains.HeldName(line.due, reason))
            else:
                self.asides.append(subscriptions.Aside.of(line.due, "refused", reason))


@dataclass(slots=True)
class _Known:
    """What was worked out for one line and holds for every other of the same terms."""

    prices: dict[subscriptions.DueTerms, Price | Why] = field(default_factory=dict)
    words: dict[tuple[subscriptions.DueTerms, Money], Wording] = field(default_factory=dict)

    def price(self, due: subscriptions.Due, on: date) -> Price | Why:
        """Or why there is none."""
        if due.terms not in self.prices:
            try:
                late = subscriptions.too_late(due, on)
                self.prices[due.terms] = price_of(due.terms) if late is None else ("late", late)
            except subscriptions.UNFIT as error:
                self.prices[due.terms] = ("refused", subscriptions.unfit(error))
        return self.prices[due.terms]

    def line(self, line: Line, taxed: tax.TaxedLine) -> invoicing.InvoiceLine:
        if isinstance(line, PricedName):
            return name_line(line, taxed)
        key = (line.due.terms, taxed.net)
        if key not in self.words:
            self.words[key] = wording(line.due.terms, line.price, taxed.net)
        return invoice_line(line.due, self.words[key], taxed)


async def make_plan(
    tx: ReadTx, claimed: subscriptions.Claimed, *, on: date, origin_id: UUID, names: FoundNames | None = None, days: NameDays | None = None
) -> Plan:
    """One that cannot be priced is set aside by itself, a customer who cannot be taxed with all that is due from them. Names ride along."""
    plan, known = Plan(asides=list(claimed.unfit)), _Known()
    groups = _groups(plan, claimed.due, on, known)
    if names is not None:
        _ride(plan, groups, names, on, days or NameDays())
    found = await customers.get_customers(tx, list({key[0] for key in groups}))
    rates = await _rates(tx, {key[1] for key in groups}, on=on)
    ready: dict[GroupKey, list[Line]] = {}
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
            written = tuple(known.line(line, one) for line, one in zip(lines, answer, strict=True))
            _add(plan, key, lines, written, customer=found[key[0]], origin_id=origin_id)
    return plan


def _groups(plan: Plan, dues: Sequence[subscriptions.Due], on: date, known: _Known) -> dict[GroupKey, list[Line]]:
    groups: dict[GroupKey, list[Line]] = {}
    for due in sorted(dues, key=lambda one: one.id.int):
        price = known.price(due, on)
        if isinstance(price, tuple):
            plan.asides.append(subscriptions.Aside.of(due, *price))
        elif price.net:
            groups.setdefault(group_key(due, on), []).append(Priced(due, price))
        else:
            plan.free.append(due)
    return groups


def _ride(plan: Plan, groups: dict[GroupKey, list[Line]], names: FoundNames, on: date, days: NameDays) -> None:
    """Each name on the invoice that its customer gets anyway, or on one of its own; those whose day has not come wait."""
    soon = on + timedelta(days=days.ahead)
    plan.held.extend(held for held in names.held if held.due.from_on <= soon)
    plan.free_names.extend(due for due in names.free if due.from_on <= soon)
    others: dict[UUID, list[GroupKey]] = {}
    for key in groups:
        others.setdefault(key[0], []).append(key)
    for name in names.priced:
        invoice = name_key(name, others.get(name.due.customer_id, ()), on, days)
        if invoice is not None:
            groups.setdefault(invoice, []).append(name)


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


def _sale(customer: customers.Customer, lines: Sequence[Line], rate: int | ledger.RateMissing) -> tax.TaxableSale:
    where = customer.address
    if where is None or isinstance(rate, ledger.RateMissing):
        raise LookupError("a customer without an address, or a currency without a rate, was set aside")
    return tax.TaxableSale(
        taxable(lines), where.country, where.state or None, customer.status, customer.tax_id, customer.id, where.postal_code, home_rate_ppm=rate
    )


def _add(
    plan: Plan, key: GroupKey, lines: Sequence[Line], written: tuple[invoicing.InvoiceLine, ...], *, customer: customers.Customer, origin_id: UUID
) -> None:
    problems = [problem for line in written if (problem := invoicing.problem_of(line)) is not None]
    if problems:
        plan.refuse(lines, "; ".join(problems))
        return
    customer_id, currency, due_on, _collection, _apart = key
    references = invoicing.References(customer.buyer_reference)
    bill = invoicing.Bill(
        customer_id, subscriptions.RUN, origin_id, written, invoicing.buyer_of(customer), currency, due_on, references
    )  # fmt: skip
    kept = tuple(line for line in lines if isinstance(line, Priced))
    plan.bills.append(Grouped(key, kept, tuple(line for line in lines if isinstance(line, PricedName)), bill))


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
