"""Reads of documents into frozen values, lists, figures, and the row locks."""

from nextbill.capabilities.invoicing.queries.ageing import BUCKETS, Ageing, ageing_by_customer, ageing_totals
from nextbill.capabilities.invoicing.queries.documents import (
    AppliedPayment,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceSummary,
    Line,
    Proforma,
    get_invoice,
    get_proforma,
    invoice_summary,
    invoices_of,
    line_ids,
    proforma_lines,
    proforma_of,
    whole_invoice,
)
from nextbill.capabilities.invoicing.queries.explain import Explanation, LineReasons, explain_invoice
from nextbill.capabilities.invoicing.queries.listing import Filters, Overdue, Sort, StateTotal, invoice_totals, list_invoices, overdue_totals
from nextbill.capabilities.invoicing.queries.locks import lock_invoice, lock_proforma, payments_so_far, what_is_left

__all__ = [
    "BUCKETS",
    "Ageing",
    "AppliedPayment",
    "CreditNote",
    "CreditNoteLine",
    "Explanation",
    "Filters",
    "Invoice",
    "InvoiceSummary",
    "Line",
    "LineReasons",
    "Overdue",
    "Proforma",
    "Sort",
    "StateTotal",
    "ageing_by_customer",
    "ageing_totals",
    "explain_invoice",
    "get_invoice",
    "get_proforma",
    "invoice_summary",
    "invoice_totals",
    "invoices_of",
    "line_ids",
    "list_invoices",
    "lock_invoice",
    "lock_proforma",
    "overdue_totals",
    "payments_so_far",
    "proforma_lines",
    "proforma_of",
    "what_is_left",
    "whole_invoice",
]
