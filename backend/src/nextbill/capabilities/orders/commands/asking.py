"""Asking for money: the order's parts become the lines of a proforma, each with the inputs of its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from nextbill.capabilities import customers, invoicing
from nextbill.capabilities.orders.commands.drafting import Part
from nextbill.capabilities.orders.commands.pricing import PricedLine, Quote
from nextbill.capabilities.orders.rules import LINE, ORDER
from nextbill.runtime.database import Tx


async def ask_for_money(tx: Tx, order_id: UUID, customer: customers.Customer, quote: Quote, line_ids: Sequence[UUID], *, now: datetime) -> UUID:
    lines = [found for line, line_id in zip(quote.lines, line_ids, strict=True) for found in _lines(line, line_id, quote)]
    return await invoicing.create_proforma(
        tx,
        customer_id=customer.id,
        origin_type=ORDER,
        origin_id=order_id,
        lines=lines,
        buyer=invoicing.buyer_of(customer),
        currency=quote.net.currency,
        now=now,
        references=invoicing.References(buyer_reference=customer.buyer_reference),
    )


def _lines(line: PricedLine, line_id: UUID, quote: Quote) -> Iterator[invoicing.InvoiceLine]:
    """All refer to the order's line: what is credited of it is credited whole."""
    for priced in line.parts:
        part = priced.shown
        yield invoicing.InvoiceLine(
            description=part.description,
            product_class=part.product_class,
            quantity=part.quantity,
            unit_net=part.unit,
            tax=priced.taxed,
            reference_type=LINE,
            reference_id=line_id,
            discount=part.off or None,
            discount_note="; ".join(part.notes) or None if part.off else None,
            details=details_of(priced.part, line, quote),
        )


def details_of(part: Part, line: PricedLine, quote: Quote) -> dict[str, object]:
    """What the part's number was made of, in the terms of the price list: plain JSON."""
    cycle, coupon = line.draft.cycle, quote.coupon.coupon if quote.coupon else None
    found: dict[str, object] = {"part": part.kind, "code": part.code, "price_version": part.price_version, "unit_minor": part.unit.minor}
    found["quantity"] = part.quantity
    if part.price_id is not None:
        found["price_id"] = str(part.price_id)
    if cycle is not None:
        found["cycle"] = {"unit": cycle.unit, "count": cycle.count}
    if line.draft.trial_days:
        found["trial_days"] = line.draft.trial_days
    if line.draft.included_for is not None:
        found["included_for"] = line.draft.included_for
    if coupon is not None and any(note.endswith(coupon.code) for note in part.notes):
        found["coupon"] = {"id": str(coupon.id), "code": coupon.code, "version": coupon.version, "percent_ppm": coupon.percent_ppm}
    return found
