"""The order's lines and their parts, as sold."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from nextbill.capabilities import catalog
from nextbill.capabilities.orders.commands.asking import details_of
from nextbill.capabilities.orders.commands.pricing import PricedLine, Quote
from nextbill.capabilities.orders.models import LineRow, PartRow
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx


async def insert_lines(tx: Tx, order_id: UUID, customer_id: UUID, quote: Quote, *, now: datetime) -> list[UUID]:
    """Their ids, in the quote's order. Names refer to the hosting line that they came with, so that one is written first."""
    line_ids = [new_id() for _ in quote.lines]
    places = sorted(range(len(quote.lines)), key=lambda place: quote.lines[place].draft.with_line is not None)
    for place in places:
        line = quote.lines[place]
        with_line = line.draft.with_line
        shared = {
            "id": line_ids[place],
            "order_id": order_id,
            "customer_id": customer_id,
            "position": place,
            "kind": line.draft.kind,
            "hosting_line_id": line_ids[with_line] if with_line is not None else None,
        }
        state = {"state": "waiting", "result": {}, "changed_at": now}
        await tx.execute(insert(LineRow).values(**shared, **state, **_money(line), **_sold(line)))
    for line, line_id in zip(quote.lines, line_ids, strict=True):
        ids = {"order_id": order_id, "line_id": line_id, "customer_id": customer_id}
        await tx.execute(insert(PartRow).values([{**ids, **values} for values in _parts(line, quote)]))
    return line_ids


def _money(line: PricedLine) -> dict[str, Any]:
    offer = line.draft.offer
    cost = offer.cost * line.draft.quantity if offer.cost else None
    return {
        "list_minor": line.list_price.minor,
        "discount_minor": line.discount.minor,
        "net_minor": line.net.minor,
        "tax_minor": line.tax.minor,
        "currency": line.currency,
        "cost_minor": cost.minor if cost else None,
        "cost_currency": cost.currency if cost else None,
    }


def _sold(line: PricedLine) -> dict[str, Any]:
    draft, offer = line.draft, line.draft.offer
    shared = {
        "description": draft.description,
        "product_class": offer.product_class,
        "price_version": offer.price_version,
        "quantity": draft.quantity,
        "trial_days": draft.trial_days,
        "included_for": draft.included_for,
        "limits": draft.limits,
        "features": list(draft.features),
        "domain_name": draft.name.ascii if draft.name else None,
        "domain_choice": draft.domain_choice,
        "years": draft.years,
    }
    if isinstance(offer, catalog.DomainOffer):
        return shared
    cycle = {"cycle_unit": offer.cycle.unit, "cycle_count": offer.cycle.count} if offer.cycle else {}
    return {**shared, **cycle, "plan_id": offer.plan_id, "plan_code": offer.plan_code, "plan_name": offer.plan_name}


def _parts(line: PricedLine, quote: Quote) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "position": place,
            "kind": part.kind,
            "code": part.code,
            "description": part.description,
            "product_class": part.product_class,
            "product_id": part.product_id,
            "quantity": part.quantity,
            "unit_minor": part.unit.minor,
            "discount_minor": part.off.minor,
            "discount_note": "; ".join(part.notes) or None if part.off else None,
            "net_minor": part.net.minor,
            "tax_minor": priced.taxed.tax.minor,
            "currency": part.unit.currency,
            "price_id": part.price_id,
            "price_version": part.price_version,
            "billing": part.billing,
            "details": details_of(priced.part, line, quote),
        }
        for place, priced in enumerate(line.parts)
        for part in (priced.shown,)
    ]
