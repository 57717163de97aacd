"""What the events of invoices tell."""

from __future__ import annotations

from nextbill.capabilities.invoicing.events import InvoicePaid
from nextbill.capabilities.invoicing.models import InvoiceRow


def paid(row: InvoiceRow) -> InvoicePaid:
    return InvoicePaid(
        invoice_id=row.id, proforma_id=row.proforma_id, customer_id=row.customer_id, origin_type=row.origin_type, origin_id=row.origin_id
    )
