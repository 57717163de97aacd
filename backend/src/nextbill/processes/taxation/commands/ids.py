"""A customer's tax id has changed, or an order was placed: what tax wants to know of the customer is noted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from nextbill.capabilities import customers, orders, tax
from nextbill.runtime.database import Tx


async def recheck(tx: Tx, customer_id: UUID, *, now: datetime) -> None:
    customer = await customers.get_customer(tx, customer_id)
    country = customer.address.country if customer.address else ""
    await tax.request_check(tx, customer_id=customer_id, tax_id=customer.tax_id if country else None, country=country, now=now)
    where = customer.address
    if where is not None:
        await tax.want_rates(tx, country=where.country, state=where.state, postal_code=where.postal_code, now=now)


async def note_buyer(tx: Tx, order_id: UUID, *, now: datetime) -> None:
    """What the profile says of where the buyer is: the billing address, and the country of the phone number."""
    order = await orders.get_order(tx, order_id)
    customer = await customers.get_customer(tx, order.customer_id)
    about: dict[str, Any] = {"customer_id": customer.id, "subject_type": orders.ORDER, "subject_id": order_id, "now": now}
    source: dict[str, Any] = {"source_type": "customers.customer", "source_id": customer.id}
    if customer.address is not None:
        await tax.note_evidence(tx, kind="billing_address", country=customer.address.country, **about, **source)
    country = customers.phone_country(customer.phone) if customer.phone else None
    if country is not None:
        await tax.note_evidence(tx, kind="phone", country=country, **about, **source)
