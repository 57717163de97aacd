"""Refusals of invoicing, as facts."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, Invalid, NotFound


class InvoiceNotFound(NotFound):
    code: ClassVar[str] = "invoice_not_found"
    title: ClassVar[str] = "There is no such invoice"


class ProformaNotFound(NotFound):
    code: ClassVar[str] = "proforma_not_found"
    title: ClassVar[str] = "There is no such proforma"


class ProformaNotOpen(Conflict):
    code: ClassVar[str] = "proforma_not_open"
    title: ClassVar[str] = "The proforma has been paid or cancelled"


class NothingToPay(Conflict):
    code: ClassVar[str] = "nothing_to_pay"
    title: ClassVar[str] = "A document needs lines and an amount above zero"


class InvoiceNotOpen(Conflict):
    code: ClassVar[str] = "invoice_not_open"
    title: ClassVar[str] = "Only an invoice that waits for payment can be voided or paid"


class NothingToCredit(Conflict):
    code: ClassVar[str] = "nothing_to_credit"
    title: ClassVar[str] = "Everything asked for has been credited already"


class PartOfUnpaid(Conflict):
    """The customer may be paying the whole amount at this moment."""

    code: ClassVar[str] = "part_of_unpaid_invoice"
    title: ClassVar[str] = "An unpaid invoice is credited whole: void it and issue another"


class UnknownLine(Invalid):
    code: ClassVar[str] = "unknown_invoice_line"
    title: ClassVar[str] = "Not a line of this invoice"


class WrongAmount(Conflict):
    """Money that is not what the document asks for: held for staff, nothing is booked."""

    code: ClassVar[str] = "wrong_amount"
    title: ClassVar[str] = "The payment is not the amount of the document"
