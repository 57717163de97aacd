"""A customer's papers and money: invoices, credit notes, cards, what was tried and what came."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from nextbill_lab.simulate.recount.arithmetic import NOTHING, rounded
from nextbill_lab.simulate.script import ALWAYS_ASKED, REFUSED_LATER
from nextbill_lab.simulate.shop import SELLER

VAT: Final = {
    "DE": Decimal("0.19"), "FR": Decimal("0.20"), "NL": Decimal("0.21"), "AT": Decimal("0.20"), "ES": Decimal("0.21"), "IT": Decimal("0.22"),
    "PL": Decimal("0.23"),
}  # fmt: skip
RETRY_DAYS: Final = (1, 3, 5, 7)
"""After the first refusal; then nobody tries any more."""


@dataclass
class Line:
    """`owner`: which of the customer's services it is for, None for a name. `once`: a setup, which is never given back."""

    plan: str
    net: Decimal
    tax: Decimal
    owner: int | None = None
    once: bool = False
    credited_net: Decimal = NOTHING
    credited_tax: Decimal = NOTHING

    @property
    def left(self) -> Decimal:
        return self.net + self.tax - self.credited_net - self.credited_tax


@dataclass
class Invoice:
    """`try_on`: the day on which the card is charged next; None where nobody does. `waits`: the bank has said no, and its holder must act."""

    day: date
    due: date
    lines: list[Line]
    open: Decimal
    paid: Decimal = NOTHING
    try_on: date | None = None
    first_try: date | None = None
    tries: int = 0
    waits: bool = False

    @property
    def total(self) -> Decimal:
        return sum((line.net + line.tax for line in self.lines), NOTHING)


@dataclass
class Card:
    number: str
    good_until: date


@dataclass
class Account:
    """`cash`: what the gateway took for it. `credit`: what stands to its credit."""

    currency: str
    country: str
    rate: Decimal
    invoices: list[Invoice] = field(default_factory=list)
    card: Card | None = None
    cash: Decimal = NOTHING
    credit: Decimal = NOTHING
    credited: Decimal = NOTHING
    refusals: int = 0

    @classmethod
    def of(cls, country: str, currency: str, *, business: bool) -> Account:
        """A business in another member state accounts for the tax itself; outside the Union there is none."""
        rate = VAT.get(country, NOTHING)
        return cls(currency, country, NOTHING if business and country != SELLER else rate)

    def line(self, plan: str, net: Decimal, *, owner: int | None = None, once: bool = False) -> Line:
        return Line(plan, net, rounded(net * self.rate, self.currency), owner, once)

    def write(self, lines: list[Line], *, day: date, due: date) -> int:
        """A new invoice; credit that stands there pays it first. Its place in the pile."""
        invoice = Invoice(day, due, lines, NOTHING)
        invoice.open = invoice.total
        self.invoices.append(invoice)
        used = min(self.credit, invoice.open)
        self.credit -= used
        invoice.open -= used
        invoice.paid += used
        return len(self.invoices) - 1

    def pay(self, invoice: Invoice) -> None:
        self.cash += invoice.open
        invoice.paid += invoice.open
        invoice.open = NOTHING
        invoice.try_on, invoice.waits = None, False

    def give_back(self, invoice: Invoice, line: Line, net: Decimal) -> None:
        """A credit note over so much of a line: off what is open first, the rest stands to the customer's credit."""
        left_net, left_tax = line.net - line.credited_net, line.tax - line.credited_tax
        tax = left_tax if net == left_net else min(rounded(net * self.rate, self.currency), left_tax)
        line.credited_net += net
        line.credited_tax += tax
        self.credited += net + tax
        taken_off = min(invoice.open, net + tax)
        invoice.open -= taken_off
        self.credit += net + tax - taken_off
        if not invoice.open:
            invoice.try_on, invoice.waits = None, False

    # --- cards ----------------------------------------------------------------------------------------------------------------------

    def keep_card(self, number: str, exp: str, today: date) -> None:
        """From now on this one is charged, at once also for what another one was refused for."""
        month, year = int(exp[:2]), 2000 + int(exp[3:])
        self.card = Card(number, date(year, month, monthrange(year, month)[1]))
        for invoice in self.invoices:
            if invoice.open and (invoice.waits or invoice.tries):
                invoice.tries, invoice.first_try, invoice.waits = 0, today, False
                self._charge(invoice, today)

    def charge_due(self, today: date) -> None:
        for invoice in self.invoices:
            if invoice.open and invoice.try_on is not None and invoice.try_on <= today:
                invoice.first_try = invoice.first_try or today
                self._charge(invoice, today)

    def _charge(self, invoice: Invoice, today: date) -> None:
        card = self.card
        if card is None:
            return
        if card.number not in (REFUSED_LATER, ALWAYS_ASKED) and today <= card.good_until:
            self.pay(invoice)
            return
        self.refusals += 1
        invoice.tries += 1
        invoice.try_on = None
        if card.number == REFUSED_LATER and invoice.tries <= len(RETRY_DAYS):
            first = invoice.first_try or today
            invoice.try_on = max(first + timedelta(days=RETRY_DAYS[invoice.tries - 1]), today + timedelta(days=1))
        elif card.number != REFUSED_LATER:
            invoice.waits = True
