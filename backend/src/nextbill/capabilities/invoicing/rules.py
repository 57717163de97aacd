"""Arithmetic of documents: lines, totals, numbers, postings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final, Literal, Self
from uuid import UUID

from msgspec import Struct, structs, to_builtins

from nextbill.capabilities import ledger, tax
from nextbill.kernel.money import Money, Rounding, total
from nextbill.kernel.period import Period

PROFORMA, INVOICE, CREDIT_NOTE = "invoicing.proforma", "invoicing.invoice", "invoicing.credit_note"
"""Types under which others refer to our documents."""

InvoiceState = Literal["draft", "open", "paid", "void", "uncollectible"]
Kind = Literal["INV", "CN"]

ADJUSTED: Final = "override"
"""Key of a line's details where staff set another price than the list's."""
Source = Literal["gateway", "manual", "credit"]
"""Where the money came from that was applied to an invoice."""

REVENUE: Final = {
    "hosting": ledger.Account.REVENUE_HOSTING,
    "domain": ledger.Account.REVENUE_DOMAINS,
    "service": ledger.Account.REVENUE_SERVICES,
}
"""Product class → the account that its net goes to."""


class Buyer(Struct, frozen=True, gc=False, omit_defaults=True):
    """Who bought, as printed on the document: a copy that later changes of the profile do not touch. As JSON it says nothing of what is not known."""

    name: str
    email: str
    status: str
    country: str
    company: str | None = None
    tax_id: str | None = None
    address_line_1: str | None = None
    address_line_2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    invoice_email: str | None = None
    """Where documents go instead of `email`, such as the accounts department."""

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = to_builtins(self)
        return found

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(**value)


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sold, as printed on the document."""

    name: str
    address: str
    country: str
    email: str
    tax_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(**value)


class References(Struct, frozen=True, gc=False):
    """What the buyer wants to find on its documents: its own reference (a department, a route of its e-invoicing), its purchase order."""

    buyer_reference: str | None = None
    order_number: str | None = None
    notes: str | None = None

    def to_values(self) -> dict[str, str | None]:
        return structs.asdict(self)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """`unit_net` times `quantity` less `discount` is `tax.net`. The reference names what is sold; `period` is the time that it pays for.

    `discount` is net and for the whole line, named by `discount_note`. `details` keeps the inputs of the number as plain JSON, such as
    `{"price_id": …, "price_version": 3, "coupon": …, "proration": {…}}`: what "explain this number" tells."""

    description: str
    product_class: str
    quantity: int
    unit_net: Money
    tax: tax.TaxedLine
    reference_type: str
    reference_id: UUID
    period: Period | None = None
    discount: Money | None = None
    discount_note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def allowance(self) -> Money:
        return self.discount or Money.zero(self.unit_net.currency)

    @property
    def net(self) -> Money:
        return self.tax.net

    @property
    def gross(self) -> Money:
        return self.tax.gross


@dataclass(frozen=True, slots=True)
class Totals:
    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Part:
    """What postings need to know of a line."""

    product_class: str
    net: Money
    tax: Money


def totals(parts: Iterable[tuple[Money, Money]], currency: str) -> Totals:
    """Net and tax of all lines; MoneyError where a line has another currency."""
    pairs = list(parts)
    return Totals(total([net for net, _ in pairs], currency), total([amount for _, amount in pairs], currency))


def problem_of(line: InvoiceLine) -> str | None:
    """Why a line cannot stand on a document; None where it can."""
    if line.quantity < 1:
        return "a line has a quantity of at least one"
    if line.unit_net * line.quantity - line.allowance != line.net:
        return f"{line.quantity} times {line.unit_net} less {line.allowance} is not {line.net}"
    if bool(line.allowance) != (line.discount_note is not None):
        return "a discount has a note, and nothing else has"
    if min(line.net.minor, line.tax.tax.minor, line.allowance.minor) < 0:
        return "amounts below zero belong on a credit note"
    if line.product_class not in REVENUE:
        return f"no revenue account for the product class {line.product_class!r}"
    return None


def series(kind: Kind, on: date) -> str:
    """Numbers start anew each year of the document's date."""
    return f"{kind}-{on.year}"


def number(series_name: str, sequence: int) -> str:
    """`INV-2026-000042`; more digits once six do not suffice."""
    return f"{series_name}-{sequence:06d}"


def sale(parts: Sequence[Part], *, customer_id: UUID, currency: str) -> list[ledger.Entry]:
    """Dr receivable, Cr revenue by class and tax."""
    sums = totals(((part.net, part.tax) for part in parts), currency)
    return [
        ledger.Entry(ledger.Account.RECEIVABLE, sums.gross, customer_id),
        *(ledger.Entry(account, -amount) for account, amount in _revenue(parts, currency)),
        ledger.Entry(ledger.Account.TAX_PAYABLE, -sums.tax),
    ]


def reversal(parts: Sequence[Part], *, customer_id: UUID, off_receivable: Money, off_written_off: Money | None = None) -> list[ledger.Entry]:
    """Dr revenue and tax; Cr receivable as far as it is still due, then what was written off; the rest becomes the customer's credit."""
    recovered = off_written_off or Money.zero(off_receivable.currency)
    currency = off_receivable.currency
    sums = totals(((part.net, part.tax) for part in parts), currency)
    return [
        *(ledger.Entry(account, amount) for account, amount in _revenue(parts, currency)),
        ledger.Entry(ledger.Account.TAX_PAYABLE, sums.tax),
        ledger.Entry(ledger.Account.RECEIVABLE, -off_receivable, customer_id),
        ledger.Entry(ledger.Account.WRITE_OFF, -recovered),
        ledger.Entry(ledger.Account.CUSTOMER_CREDIT, off_receivable + recovered - sums.gross, customer_id),
    ]


def settlement(amount: Money, *, customer_id: UUID) -> list[ledger.Entry]:
    """The customer's credit pays what is due."""
    return [ledger.Entry(ledger.Account.CUSTOMER_CREDIT, amount, customer_id), ledger.Entry(ledger.Account.RECEIVABLE, -amount, customer_id)]


def loss(amount: Money, *, customer_id: UUID) -> list[ledger.Entry]:
    """What is due is not expected any more. Below zero: it is, after all."""
    return [ledger.Entry(ledger.Account.WRITE_OFF, amount), ledger.Entry(ledger.Account.RECEIVABLE, -amount, customer_id)]


def gift(amount: Money, *, customer_id: UUID) -> list[ledger.Entry]:
    """Credit from the house; below zero it is taken."""
    return [ledger.Entry(ledger.Account.CREDIT_ADJUSTMENTS, amount), ledger.Entry(ledger.Account.CUSTOMER_CREDIT, -amount, customer_id)]


def part_of(gross: Money, *, left: Totals, rate_ppm: int) -> Totals:
    """Net and tax of a gross amount at the rate of the line that it is taken from; never more than what is `left` of either, and all of
    both where it is all that is left."""
    if gross == left.gross:
        return left
    tax_share = min(gross.share(rate_ppm, tax.PPM + rate_ppm, Rounding.HALF_UP), left.tax)
    net = min(gross - tax_share, left.net)
    return Totals(net, gross - net)


def spread(gross: Money, left: Sequence[Totals]) -> list[Money]:
    """A gross amount over lines, by what is left of each; the first lines take the units that do not divide."""
    return gross.allocate([item.gross.minor for item in left])


def state_after_credit(*, due: Money, paid: Money, state: str) -> str:
    """An open invoice that nothing is due on any more is void where nobody had paid, else paid."""
    if state not in ("open", "uncollectible") or due:
        return state
    return "paid" if paid else "void"


def repeated(kind: str, position: int) -> str:
    """Kinds of journals of one fact: `settlement`, `settlement-2`, …"""
    return kind if position == 1 else f"{kind}-{position}"


def _revenue(parts: Sequence[Part], currency: str) -> list[tuple[ledger.Account, Money]]:
    classes = sorted({part.product_class for part in parts})
    return [(REVENUE[name], total([part.net for part in parts if part.product_class == name], currency)) for name in classes]
