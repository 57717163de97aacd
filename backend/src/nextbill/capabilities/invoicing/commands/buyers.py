"""Who a document is for, copied from the profile as it is now."""

from __future__ import annotations

from nextbill.capabilities import customers
from nextbill.capabilities.invoicing.rules import Buyer


def buyer_of(customer: customers.Payer) -> Buyer:
    """Later changes of the profile do not touch it. Without an address the country is empty."""
    where = customer.address
    return Buyer(
        name=customer.name,
        email=customer.email,
        status=customer.status,
        country=where.country if where else "",
        company=customer.company,
        tax_id=customer.tax_id,
        address_line_1=where.line_1 if where else None,
        address_line_2=where.line_2 if where else None,
        city=where.city if where else None,
        state=where.state if where else None,
        postal_code=where.postal_code if where else None,
        invoice_email=customer.invoice_email,
    )
