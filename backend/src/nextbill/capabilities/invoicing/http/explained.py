"""Explanations on the wire."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from nextbill.capabilities import tax
from nextbill.capabilities.invoicing.http.shapes import InvoiceItem, LineBody
from nextbill.capabilities.invoicing.queries import Explanation, LineReasons
from nextbill.capabilities.ledger import BookedEntry, BookedJournal
from nextbill.runtime.web.shapes import MoneyBody


class TaxRuleBody(BaseModel):
    """The rule as it is kept; all but its end never changes."""

    id: UUID
    name: str = Field(examples=["VAT 19 %"])
    country: str = Field(examples=["DE"])
    state: str | None
    product_class: str | None
    buyer: str = Field(examples=["any"])
    rate_ppm: int = Field(examples=[190000])
    version: int = Field(examples=[1])
    valid_from: date
    valid_until: date | None

    @classmethod
    def of(cls, rule: tax.TaxRule) -> TaxRuleBody:
        return cls(
            id=rule.id,
            name=rule.name,
            country=rule.country,
            state=rule.state,
            product_class=rule.product_class,
            buyer=rule.buyer,
            rate_ppm=rule.rate_ppm,
            version=rule.version,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )


class LineReasonsBody(BaseModel):
    """`details`: the inputs of the price (list and version, override, coupon, proration). `words`: from the price to the gross amount."""

    line: LineBody
    product_class: str = Field(examples=["hosting"])
    details: dict[str, Any]
    tax_exemption_code: str | None
    rule: TaxRuleBody | None
    credited: MoneyBody
    words: list[str] = Field(examples=[["1 × 99.00 USD is 99.00 USD."]])

    @classmethod
    def of(cls, reasons: LineReasons) -> LineReasonsBody:
        line = reasons.line
        return cls(
            line=LineBody.of(line),
            product_class=line.product_class,
            details=line.details,
            tax_exemption_code=line.tax_exemption_code,
            rule=TaxRuleBody.of(reasons.rule) if reasons.rule else None,
            credited=MoneyBody.of(reasons.credited),
            words=list(reasons.words),
        )


class BookedEntryBody(BaseModel):
    """Debit above zero. `home` is the same at the day's rate: home units for a million units. A journal's entries count from 1."""

    position: int
    account: str = Field(examples=["receivable"])
    amount: MoneyBody
    home: MoneyBody
    home_rate_ppm: int = Field(examples=[1000000])
    product: str | None = Field(examples=["tld:com"])

    @classmethod
    def of(cls, entry: BookedEntry) -> BookedEntryBody:
        return cls(
            position=entry.position,
            account=entry.account,
            amount=MoneyBody.of(entry.amount),
            home=MoneyBody.of(entry.home),
            home_rate_ppm=entry.home_rate_ppm,
            product=entry.product,
        )


class JournalBody(BaseModel):
    id: UUID
    kind: str = Field(examples=["issue"])
    description: str = Field(examples=["Invoice issued"])
    reference_type: str = Field(examples=["invoicing.invoice"])
    reference_id: UUID
    booked_on: date
    entries: list[BookedEntryBody]

    @classmethod
    def of(cls, journal: BookedJournal) -> JournalBody:
        return cls(
            id=journal.id,
            kind=journal.kind,
            description=journal.description,
            reference_type=journal.reference_type,
            reference_id=journal.reference_id,
            booked_on=journal.booked_on,
            entries=[BookedEntryBody.of(entry) for entry in journal.entries],
        )


class ExplanationBody(BaseModel):
    invoice: InvoiceItem
    lines: list[LineReasonsBody]
    words: list[str]
    journals: list[JournalBody]

    @classmethod
    def of(cls, found: Explanation) -> ExplanationBody:
        return cls(
            invoice=InvoiceItem.of(found.invoice.summary),
            lines=[LineReasonsBody.of(line) for line in found.lines],
            words=list(found.words),
            journals=[JournalBody.of(journal) for journal in found.journals],
        )
