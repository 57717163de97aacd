"""Documents as shown over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from nextbill.capabilities.invoicing.documents.wording import described, why_given_back, why_less, why_taxed
from nextbill.capabilities.invoicing.queries import AppliedPayment, CreditNote, CreditNoteLine, Invoice, InvoiceSummary, Line, Proforma, StateTotal
from nextbill.capabilities.invoicing.rules import Buyer, Seller
from nextbill.runtime.web import language
from nextbill.runtime.web.shapes import MoneyBody


class PeriodBody(BaseModel):
    """Half-open: the end is the first day that is not in it."""

    start: date
    end: date


class LineBody(BaseModel):
    id: UUID
    description: str = Field(examples=["Professional, 1 month"])
    quantity: int = Field(examples=[1])
    unit_net: MoneyBody
    net: MoneyBody
    tax: MoneyBody
    gross: MoneyBody
    tax_rate_ppm: int = Field(examples=[190000], description="Parts per million: 190000 is 19 %")
    tax_note: str = Field(examples=["VAT 19 %"])
    tax_category: str = Field(
        examples=["S"], description="EN 16931: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O none"
    )
    discount: MoneyBody = Field(description="Net, of the whole line; taken off already")
    discount_note: str | None
    period: PeriodBody | None

    @classmethod
    def of(cls, line: Line) -> LineBody:
        spoken = language.current()
        return cls(
            id=line.id,
            description=described(line, spoken),
            quantity=line.quantity,
            unit_net=MoneyBody.of(line.unit_net),
            net=MoneyBody.of(line.net),
            tax=MoneyBody.of(line.tax),
            gross=MoneyBody.of(line.gross),
            tax_rate_ppm=line.tax_rate_ppm,
            tax_note=why_taxed(line, spoken),
            tax_category=line.tax_category,
            discount=MoneyBody.of(line.discount),
            discount_note=why_less(line, spoken),
            period=PeriodBody(start=line.period.start, end=line.period.end) if line.period else None,
        )


class BuyerBody(BaseModel):
    name: str = Field(examples=["Ada Lovelace"])
    company: str | None
    email: str = Field(examples=["ada@example.com"])
    status: str = Field(examples=["consumer"])
    tax_id: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str = Field(examples=["DE"])
    invoice_email: str | None

    @classmethod
    def of(cls, buyer: Buyer) -> BuyerBody:
        return cls.model_validate(buyer, from_attributes=True)


class SellerBody(BaseModel):
    name: str = Field(examples=["Example Hosting"])
    address: str
    country: str = Field(examples=["DE"])
    email: str
    tax_id: str | None

    @classmethod
    def of(cls, seller: Seller) -> SellerBody:
        return cls.model_validate(seller.to_json())


class CreditNoteLineBody(BaseModel):
    """What of a line of the invoice was taken back."""

    line_id: UUID
    description: str
    net: MoneyBody
    tax: MoneyBody
    gross: MoneyBody

    @classmethod
    def of(cls, line: CreditNoteLine) -> CreditNoteLineBody:
        amounts = {name: MoneyBody.of(getattr(line, name)) for name in ("net", "tax", "gross")}
        return cls(line_id=line.invoice_line_id, description=described(line, language.current()), **amounts)


class AppliedPaymentBody(BaseModel):
    """Money that paid the invoice or a part of it. `method` and `reference` where it came past the payment provider. `id` is that of its receipt."""

    id: UUID
    amount: MoneyBody
    source: str = Field(examples=["manual"])
    applied_on: date
    method: str | None = Field(examples=["bank_transfer"])
    reference: str | None

    @classmethod
    def of(cls, payment: AppliedPayment) -> AppliedPaymentBody:
        return cls(
            id=payment.id,
            amount=MoneyBody.of(payment.amount),
            source=payment.source,
            applied_on=payment.applied_on,
            method=payment.method,
            reference=payment.reference,
        )


class CreditNoteBody(BaseModel):
    """Amounts are above zero, to be read as taken back."""

    id: UUID
    number: str = Field(examples=["CN-2026-000001"])
    issued_on: date
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody
    reason: str
    line_ids: list[UUID]
    lines: list[CreditNoteLineBody]

    @classmethod
    def of(cls, note: CreditNote) -> CreditNoteBody:
        amounts = {"net": MoneyBody.of(note.net), "tax": MoneyBody.of(note.tax), "total": MoneyBody.of(note.total)}
        lines = [CreditNoteLineBody.of(line) for line in note.lines]
        about = {"id": note.id, "number": note.number, "issued_on": note.issued_on, "reason": why_given_back(note, language.current())}
        return cls(**about, **amounts, line_ids=list(note.line_ids), lines=lines)


class InvoiceItem(BaseModel):
    """An invoice in a list. `origin_type` and `origin_id` name what it was issued for, such as an order."""

    id: UUID
    number: str | None = Field(examples=["INV-2026-000042"])
    state: str = Field(examples=["paid"])
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody
    due: MoneyBody
    paid: MoneyBody
    credited: MoneyBody
    written_off: MoneyBody
    issued_on: date | None
    due_on: date | None
    paid_at: datetime | None
    origin_type: str = Field(examples=["orders.order"])
    origin_id: UUID
    proforma_id: UUID | None
    payable_id: UUID | None
    customer_id: UUID
    buyer_name: str = Field(examples=["Ada Lovelace"])
    order_number: str | None = Field(examples=["PO-4711"], description="The buyer's purchase order")
    version: int = Field(examples=[1], description="Of a draft, for If-Match")

    @classmethod
    def of(cls, found: InvoiceSummary) -> InvoiceItem:
        return cls.model_validate(_item(found))


class InvoiceBody(InvoiceItem):
    """A whole invoice, as it was issued."""

    buyer: BuyerBody
    seller: SellerBody
    buyer_reference: str | None = Field(examples=["04011000-12345-67"])
    notes: str | None
    terms_days: int | None = Field(examples=[14])
    lines: list[LineBody]
    credit_notes: list[CreditNoteBody]
    payments: list[AppliedPaymentBody]

    @classmethod
    def whole(cls, invoice: Invoice) -> InvoiceBody:
        return cls(
            **_item(invoice.summary),
            buyer=BuyerBody.of(invoice.buyer),
            seller=SellerBody.of(invoice.seller),
            buyer_reference=invoice.references.buyer_reference,
            notes=invoice.references.notes,
            terms_days=invoice.terms_days,
            lines=[LineBody.of(line) for line in invoice.lines],
            credit_notes=[CreditNoteBody.of(note) for note in invoice.credit_notes],
            payments=[AppliedPaymentBody.of(payment) for payment in invoice.payments],
        )


class ProformaBody(BaseModel):
    """What is asked for before it is paid: not a legal invoice."""

    id: UUID
    number: str = Field(examples=["PRO-2026-000001"])
    state: str = Field(examples=["open"])
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody
    origin_type: str = Field(examples=["orders.order"])
    origin_id: UUID
    payable_id: UUID
    created_at: datetime
    buyer: BuyerBody
    buyer_reference: str | None
    order_number: str | None
    notes: str | None
    lines: list[LineBody]

    @classmethod
    def of(cls, proforma: Proforma) -> ProformaBody:
        return cls(
            id=proforma.id,
            number=proforma.number,
            state=proforma.state,
            net=MoneyBody.of(proforma.net),
            tax=MoneyBody.of(proforma.tax),
            total=MoneyBody.of(proforma.total),
            origin_type=proforma.origin_type,
            origin_id=proforma.origin_id,
            payable_id=proforma.payable_id,
            created_at=proforma.created_at,
            buyer=BuyerBody.of(proforma.buyer),
            **proforma.references.to_values(),
            lines=[LineBody.of(line) for line in proforma.lines],
        )


class StateTotalBody(BaseModel):
    state: str = Field(examples=["paid"])
    count: int = Field(examples=[12])
    total: MoneyBody
    due: MoneyBody
    credited: MoneyBody
    paid: MoneyBody
    written_off: MoneyBody

    @classmethod
    def of(cls, found: StateTotal) -> StateTotalBody:
        amounts = {name: MoneyBody.of(getattr(found, name)) for name in ("total", "due", "credited", "paid", "written_off")}
        return cls(state=found.state, count=found.count, **amounts)


def _item(found: InvoiceSummary) -> dict[str, Any]:
    amounts = {name: MoneyBody.of(getattr(found, name)) for name in ("net", "tax", "total", "due", "paid", "credited", "written_off")}
    plain = (
        *("id", "number", "state", "issued_on", "due_on", "paid_at", "origin_type", "origin_id", "proforma_id", "payable_id", "customer_id"),
        *("buyer_name", "order_number", "version"),
    )
    return {**amounts, **{name: getattr(found, name) for name in plain}}
