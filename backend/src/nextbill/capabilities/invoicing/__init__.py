"""What customers are asked to pay, and the legal documents that follow."""

from nextbill.capabilities.invoicing.commands.credit import CreditNoteId, credit_note, void_invoice
from nextbill.capabilities.invoicing.commands.issue import InvoiceId, issue_invoice
from nextbill.capabilities.invoicing.commands.proforma import ProformaId, cancel_proforma, create_proforma
from nextbill.capabilities.invoicing.commands.settle import invoice_paid_proforma, pay_invoice
from nextbill.capabilities.invoicing.errors import (
    InvoiceNotFound,
    InvoiceNotOpen,
    NothingToCredit,
    NothingToPay,
    PartOfUnpaid,
    ProformaNotFound,
    ProformaNotOpen,
    UnknownLine,
    WrongAmount,
)
from nextbill.capabilities.invoicing.events import CreditNoteIssued, InvoicePaid
from nextbill.capabilities.invoicing.queries import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceSummary,
    Line,
    Proforma,
    get_invoice,
    get_proforma,
    invoices_of,
    list_invoices,
    proforma_of,
)
from nextbill.capabilities.invoicing.rules import CREDIT_NOTE, INVOICE, PROFORMA, Buyer, InvoiceLine, References, Seller

__all__ = [
    "CREDIT_NOTE",
    "INVOICE",
    "PROFORMA",
    "Buyer",
    "CreditNote",
    "CreditNoteId",
    "CreditNoteIssued",
    "CreditNoteLine",
    "Invoice",
    "InvoiceId",
    "InvoiceLine",
    "InvoiceNotFound",
    "InvoiceNotOpen",
    "InvoicePaid",
    "InvoiceSummary",
    "Line",
    "NothingToCredit",
    "NothingToPay",
    "PartOfUnpaid",
    "Proforma",
    "ProformaId",
    "ProformaNotFound",
    "ProformaNotOpen",
    "References",
    "Seller",
    "UnknownLine",
    "WrongAmount",
    "cancel_proforma",
    "create_proforma",
    "credit_note",
    "get_invoice",
    "get_proforma",
    "invoice_paid_proforma",
    "invoices_of",
    "issue_invoice",
    "list_invoices",
    "pay_invoice",
    "proforma_of",
    "void_invoice",
]
