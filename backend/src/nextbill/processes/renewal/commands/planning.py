"""Prices, groups and taxes what is due. Reads only: a dry run and the run come to the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct, field

from nextbill.capabilities import customers, domains, invoicing, ledger, subscriptions, tax
from nextbill.kernel.errors import Problem
from nextbill.kernel.money import Money
from nextbill.processes.renewal.queries import FoundNames
from nextbill.processes.renewal.rules import (
    NAME_CLASS,
    GroupKey,
    NameDays,
    Price,
    PricedName,
    group_key,
    invoice_line,
    name_key,
    name_line,
    price_of,
    taxable,
)
from nextbill.runtime.database import ReadTx

Why = tuple[subscriptions.AsideKind, str]


class Lines(Struct):
    """What is due together: subscriptions, then names."""

    dues: list[subscriptions.Due] = field(default_factory=list)
    names: list[PricedName] = field(default_factory=list)

    @property
    def subjects(self) -> tuple[UUID, ...]:
        return tuple([due.id for due in self.dues] + [name.due.id for name in self.names])


class Grouped(Struct, frozen=True):
    """What goes on one invoice."""

    key: GroupKey
    dues: list[subscriptions.Due]
    names: list[PricedName]
    bill: invoicing.Bill

    @property
    def charged(self) -> bool:
        """By itself, to the card on file."""
        return self.key[3] == "charge"


class Plan(Struct):
    """`free`: periods for which nothing is to be paid. `asides`: what is not billed, and why. `free_names` and `held` say the same of names."""

    bills: list[Grouped] = field(default_factory=list)
    free: list[subscriptions.Due] = field(default_factory=list)
    asides: list[subscriptions.Aside] = field(default_factory=list)
    free_names: list[domains.Renewing] = field(default_factory=list)
    held: list[domains.HeldName] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return sum(len(group.dues) + len(group.names) for group in self.bills)

    @property
    def anything(self) -> bool:
        return bool(self.bills or self.free or self.asides or self.free_names or self.held)

    @property
    def names(self) -> set[UUID]:
        """Of all that it is about, whatever becomes of them."""
        decided = [*self.free_names, *(held.due for held in self.held), *(name.due for group in self.bills for name in group.names)]
        return {due.id for due in decided}

    def refuse(self, lines: Lines, reason: str) -> None:
        self.asides += [subscriptions.Aside.of(due, "refused", reason) for due in lines.dues]
        self.held += [domains.HeldName(name.due, reason) for name in lines.names]


class _Known(Struct):
    """What was worked out for one line or invoice and holds for every other of the same terms: prices, what is taxed, and the forms of invoices."""

    on: date
    origin_id: UUID
    prices: dict[subscriptions.DueTerms, Price | Why] = field(default_factory=dict)
    taxables: dict[Hashable, list[tax.TaxableLine]] = field(default_factory=dict)
    forms: dict[Hashable, invoicing.Form | str] = field(default_factory=dict)

    def price(self, due: subscriptions.Due) -> Price | Why:
        """Or why there is none."""
        if due.terms not in self.prices:
            self.prices[due.terms] = self._price(due)
        return self.prices[due.terms]

    def _price(self, due: subscriptions.Due) -> Price | Why:
        try:
            late = subscriptions.too_late(due, self.on)
            return price_of(due.terms) if late is None else ("late", late)
        except subscriptions.UNFIT as error:
            return "refused", subscriptions.unfit(error)

    def priced(self, lines: Lines) -> list[tuple[subscriptions.DueTerms, Price]]:
        """What stands in a group has a price."""
        return [(due.terms, price) for due in lines.dues if not isinstance(price := self.prices[due.terms], tuple)]

    def taxable(self, lines: Lines) -> list[tax.TaxableLine]:
        key = tuple([due.terms for due in lines.dues])
        found = self.taxables.get(key) if not lines.names else None
        if found is None:
            of_names = [(NAME_CLASS, name.net) for name in lines.names]
            found = taxable([*[(terms.product_class, price.net) for terms, price in self.priced(lines)], *of_names])
            if not lines.names:
                self.taxables[key] = found
        return found

    def form(self, key: GroupKey, lines: Lines, taxed: list[tax.TaxedLine], reference: str | None) -> invoicing.Form | str:
        """Or why there can be none. `taxed`: one list for all that are taxed alike, kept by whoever asks."""
        alike = (id(taxed), key[2], reference, *[due.terms for due in lines.dues])
        found = self.forms.get(alike) if not lines.names else None
        if found is None:
            found = self._form(key, lines, taxed, reference)
            if not lines.names:
                self.forms[alike] = found
        return found

    def _form(self, key: GroupKey, lines: Lines, taxed: list[tax.TaxedLine], reference: str | None) -> invoicing.Form | str:
        kept = [invoice_line(*priced, one) for priced, one in zip(self.priced(lines), taxed, strict=False)]
        of_names = [name_line(name, one) for name, one in zip(lines.names, taxed[len(kept) :], strict=True)]
        written = (*kept, *of_names)
        problems = [problem for line in written if (problem := invoicing.problem_of(line)) is not None]
        by_card = key[2] if key[3] == "charge" else None
        named = invoicing.References(reference)
        return "; ".join(problems) or invoicing.Form(subscriptions.RUN, self.origin_id, written, key[1], key[2], named, by_card)


async def make_plan(
    tx: ReadTx, claimed: subscriptions.Claimed, *, on: date, origin_id: UUID, names: FoundNames | None = None, days: NameDays | None = None
) -> Plan:
    """One that cannot be priced is set aside by itself, a customer who cannot be taxed with all that is due from them. Names ride along."""
    plan, known = Plan(asides=list(claimed.unfit)), _Known(on, origin_id)
    groups = _groups(plan, claimed.due, known)
    if names is not None:
        _ride(plan, groups, names, on, days or NameDays())
    found = await customers.get_payers(tx, list({key[0] for key in groups}))
    rates = await _rates(tx, {key[1] for key in groups}, on=on)
    ready, sales = list[tuple[GroupKey, Lines, customers.Payer]](), list[tax.TaxableSale]()
    for key, lines in groups.items():
        customer, rate = found.get(key[0]), rates[key[1]]
        if isinstance(rate, ledger.RateMissing):
            plan.refuse(lines, _told(rate))
        elif customer is None or customer.address is None:
            plan.refuse(lines, _reason())
        else:
            ready.append((key, lines, customer))
            sales.append(_sale(customer, customer.address, known.taxable(lines), rate))
    taxed = await tax.assess_many(tx, sales, on=on)
    for (key, lines, customer), answer in zip(ready, taxed, strict=True):
        form = _told(answer) if isinstance(answer, Exception) else known.form(key, lines, answer, customer.buyer_reference)
        if isinstance(form, str):
            plan.refuse(lines, form)
        else:
            bill = invoicing.Bill(form, customer.id, lines.subjects, invoicing.buyer_of(customer))
            plan.bills.append(Grouped(key, lines.dues, lines.names, bill))
    return plan


def _groups(plan: Plan, dues: Sequence[subscriptions.Due], known: _Known) -> dict[GroupKey, Lines]:
    groups: dict[GroupKey, Lines] = {}
    for due in sorted(dues, key=lambda one: one.id.int):
        price = known.price(due)
        if isinstance(price, tuple):
            plan.asides.append(subscriptions.Aside.of(due, *price))
        elif price.net:
            _lines_of(groups, group_key(due, known.on)).dues.append(due)
        else:
            plan.free.append(due)
    return groups


def _lines_of(groups: dict[GroupKey, Lines], key: GroupKey) -> Lines:
    found = groups.get(key)
    if found is None:
        found = groups[key] = Lines()
    return found


def _ride(plan: Plan, groups: dict[GroupKey, Lines], names: FoundNames, on: date, days: NameDays) -> None:
    """Each name on the invoice that its customer gets anyway, or on one of its own; those whose day has not come wait."""
    soon = on + timedelta(days=days.ahead)
    plan.held.extend(held for held in names.held if held.due.from_on <= soon)
    plan.free_names.extend(due for due in names.free if due.from_on <= soon)
    others: dict[UUID, list[GroupKey]] = {}
    for key in groups if names.priced else ():
        others.setdefault(key[0], []).append(key)
    for name in names.priced:
        invoice = name_key(name, others.get(name.due.customer_id, ()), on, days)
        if invoice is not None:
            _lines_of(groups, invoice).names.append(name)


async def _rates(tx: ReadTx, currencies: set[str], *, on: date) -> Mapping[str, int | ledger.RateMissing]:
    found: dict[str, int | ledger.RateMissing] = {}
    for currency in sorted(currencies):
        try:
            found |= await ledger.rates_on(tx, {currency}, on=on)
        except ledger.RateMissing as error:
            found[currency] = error
    return found


def _reason() -> str:
    return "The customer has no address: it cannot be known how this is taxed."


def _sale(customer: customers.Payer, where: customers.Address, lines: list[tax.TaxableLine], rate: int) -> tax.TaxableSale:
    return tax.TaxableSale(
        lines, where.country, where.state or None, customer.status, customer.tax_id, customer.id, where.postal_code, home_rate_ppm=rate
    )  # fmt: skip


def _told(error: Problem) -> str:
    """In one sentence, with what to do where the refusal says so."""
    said = error.detail
    hints = "; ".join(f"{name}: {what}" for name, what in error.fields.items())
    return f"{said} ({hints})" if hints else said


def sums_of(plans: Iterable[Plan]) -> list[subscriptions.RunSum]:
    """Invoices, net and tax by currency."""
    sums: dict[str, list[int]] = {}
    for form, many in Counter(group.bill.form for plan in plans for group in plan.bills).items():
        counted = sums.setdefault(form.currency, [0, 0, 0])
        counted[0] += many
        counted[1] += many * sum(line.net.minor for line in form.lines)
        counted[2] += many * sum(line.tax.tax.minor for line in form.lines)
    return [subscriptions.RunSum(count, Money(net, currency), Money(owed, currency)) for currency, (count, net, owed) in sorted(sums.items())]
