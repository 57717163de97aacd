"""Refusals of invoicing, as facts."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, Invalid, NotFound, Problem


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


class UnknownLine(Invalid):
    code: ClassVar[str] = "unknown_invoice_line"
    title: ClassVar[str] = "Not a line of this invoice"


class WrongAmount(Conflict):
    """Money that is not what the document asks for, or more than what is left of it: nothing is booked."""

    code: ClassVar[str] = "wrong_amount"
    title: ClassVar[str] = "The amount does not fit the document"


class NothingToApply(Conflict):
    code: ClassVar[str] = "nothing_to_apply"
    title: ClassVar[str] = "There is no credit to pay it with, or nothing is due"


class NotADraft(Conflict):
    """What is issued stays as it is: it is voided or credited."""

    code: ClassVar[str] = "not_a_draft"
    title: ClassVar[str] = "Only a draft can be changed, issued or discarded"


class DraftChanged(Problem):
    code: ClassVar[str] = "draft_changed"
    status: ClassVar[int] = 412
    title: ClassVar[str] = "Somebody else has changed it meanwhile: read it again"


class VersionNeeded(Problem):
    code: ClassVar[str] = "version_needed"
    status: ClassVar[int] = 428
    title: ClassVar[str] = "Send the ETag that you read as If-Match"


class ReasonNeeded(Invalid):
    code: ClassVar[str] = "price_reason_needed"
    title: ClassVar[str] = "A price other than the list's needs a reason"


class NotIssued(Conflict):
    code: ClassVar[str] = "invoice_not_issued"
    title: ClassVar[str] = "A draft has to be issued first"


class PayLinkUnknown(NotFound):
    code: ClassVar[str] = "pay_link_unknown"
    title: ClassVar[str] = "This link is not complete"


class PayLinkExpired(Problem):
    code: ClassVar[str] = "pay_link_expired"
    status: ClassVar[int] = 410
    title: ClassVar[str] = "This link has expired"


class AddressMissing(Conflict):
    code: ClassVar[str] = "buyer_address_missing"
    title: ClassVar[str] = "The customer has no address yet: tax depends on the country"


class NoEInvoice(Conflict):
    """The PDF was, or will be, written without one. The detail tells why."""

    code: ClassVar[str] = "no_e_invoice"
    title: ClassVar[str] = "There is no e-invoice of this document"


class DocumentBusy(Problem):
    code: ClassVar[str] = "document_busy"
    status: ClassVar[int] = 503
    title: ClassVar[str] = "Many documents are being written: ask again in a moment"


class CreditNoteNotFound(NotFound):
    code: ClassVar[str] = "credit_note_not_found"
    title: ClassVar[str] = "There is no such credit note"


class ReceiptNotFound(NotFound):
    code: ClassVar[str] = "receipt_not_found"
    title: ClassVar[str] = "There is no such payment"
