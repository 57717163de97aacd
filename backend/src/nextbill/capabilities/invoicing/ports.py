"""What invoicing needs of whoever writes its documents: papers in our words, files as bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from nextbill.capabilities.invoicing.rules import Buyer, Seller
from nextbill.kernel.money import Money
from nextbill.kernel.period import Period

__all__ = [
    "Bill",
    "BillKind",
    "BillLine",
    "Buyer",
    "EInvoiceWriter",
    "Letterhead",
    "Movement",
    "NotExpressible",
    "Paper",
    "PaperSize",
    "PaperWriter",
    "Receipt",
    "Seller",
    "Statement",
    "TaxGroup",
    "WriterBusy",
]

PaperSize = Literal["A4", "Letter"]
BillKind = Literal["proforma", "invoice", "credit_note"]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on every document of the house beside the seller's name. `logo` is the content of an SVG, PNG or JPEG file."""

    size: PaperSize = "A4"
    accent_color: str = "#2f5fd0"
    registration: str | None = None
    iban: str | None = None
    bic: str | None = None
    footer: str = ""
    logo: bytes | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    """`unit_net` times `quantity` less `discount` is `net`. `category` is of UNTDID 5305 (S, Z, E, AE, K, G, O), `rate_ppm` parts per million."""

    position: int
    description: str
    quantity: int
    unit_net: Money
    net: Money
    discount: Money
    category: str
    rate_ppm: int
    discount_note: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """All lines of one category and rate. `reason` says why no tax is charged, or names the tax; `exemption_code` is a VATEX code."""

    category: str
    rate_ppm: int
    base: Money
    tax: Money
    reason: str
    exemption_code: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """A proforma, an invoice or a credit note, as it was when it was issued. Amounts of a credit note are above zero, to be read as taken back.

    `language` is a tag such as `de` or `de-AT`. `tax_home` is the tax in the seller's own currency, where that is another one. `reverses` and
    `reversed_on` name the invoice that a credit note takes back, `reason` says why."""

    kind: BillKind
    number: str
    language: str
    issued_on: date
    seller: Seller
    buyer: Buyer
    lines: tuple[BillLine, ...]
    taxes: tuple[TaxGroup, ...]
    net: Money
    tax: Money
    total: Money
    paid: Money
    due_on: date | None = None
    tax_home: Money | None = None
    payment_link: str | None = None
    buyer_reference: str | None = None
    order_number: str | None = None
    notes: str | None = None
    reverses: str | None = None
    reversed_on: date | None = None
    reason: str | None = None

    @property
    def due(self) -> Money:
        """Nothing is due on a credit note: it goes to the customer's account."""
        return Money.zero(self.total.currency) if self.kind == "credit_note" else self.total - self.paid


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came. `documents` are what it paid for: number and the document's total."""

    number: str
    language: str
    received_on: date
    amount: Money
    method: str
    seller: Seller
    buyer: Buyer
    reference: str | None = None
    documents: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class Movement:
    """`kind` is one of ours (`invoice`, `payment`, …); `amount` above zero raises what the customer owes, `balance` is what is owed after it."""

    on: date
    kind: str
    number: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """A customer's account in one currency from `start` to `end`, both days included. Below zero, we owe the customer."""

    language: str
    start: date
    end: date
    made_on: date
    seller: Seller
    buyer: Buyer
    opening: Money
    closing: Money
    movements: tuple[Movement, ...] = field(default=())


Paper = Bill | Receipt | Statement


class WriterBusy(Exception):
    """More documents wait to be written than is good, or one took too long. Nothing is lost: ask again."""


class NotExpressible(Exception):
    """EN 16931 cannot say what the document says. The message tells why, and what to set where a setting is missing."""


class PaperWriter(Protocol):
    """Writes a paper as PDF. The same paper gives the same bytes, whoever writes it and when."""

    async def write(self, paper: Paper, *, e_invoice: bytes | None = None) -> bytes:
        """PDF/A-3b; with `e_invoice` (CII, UTF-8) attached as a Factur-X file. WriterBusy."""
        ...


class EInvoiceWriter(Protocol):
    """Writes invoices and credit notes as data for the buyer's program."""

    def write(self, bill: Bill) -> bytes:
        """Cross Industry Invoice by EN 16931, UTF-8. NotExpressible."""
        ...
