"""A cart becomes an order: priced, taxed, consented to, with a proforma to pay."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import catalog, customers, invoicing
from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.commands.pricing import PricedLine, Quote, price_cart
from nextbill.capabilities.orders.errors import AddressNeeded, ConsentMissing, KeyOfAnotherCart
from nextbill.capabilities.orders.events import OrderPlaced
from nextbill.capabilities.orders.models import CounterRow, LineRow, OrderRow
from nextbill.capabilities.orders.rules import LINE, ORDER, Cart, Consent, order_number
from nextbill.kernel.clock import business_date
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def place_order(tx: Tx, *, customer_id: UUID, cart: Cart, consent: Consent, idempotency_key: str, zone: str, now: datetime) -> UUID:
    """One for each (customer, key): the same key again finds the first one's order. CartInvalid, AddressNeeded, IncompleteContact,
    ConsentMissing, KeyOfAnotherCart."""
    known = await _order_of(tx, customer_id, cart, idempotency_key)
    if known is not None:
        return known
    customer = await customers.get_customer(tx, customer_id)
    quote = await price_cart(tx, customer=customer, cart=cart, zone=zone, now=now)
    await _may_order(tx, customer, quote, consent)
    order_id = await _insert_order(tx, customer, quote, consent, cart=cart, key=idempotency_key, now=now)
    if order_id is None:
        # The same request twice at once: the other one has committed meanwhile.
        other = await _order_of(tx, customer_id, cart, idempotency_key)
        if other is None:
            raise LookupError("an order in conflict must be readable")
        return other
    line_ids = [new_id() for _ in quote.lines]
    await _insert_lines(tx, order_id, customer.id, quote, line_ids, now=now)
    proforma_id = await _ask_for_money(tx, order_id, customer, quote, line_ids, now=now)
    number = await _next_number(tx, business_date(now, zone).year)
    await tx.execute(update(OrderRow).where(OrderRow.id == order_id).values(number=number, proforma_id=proforma_id))
    await publish(tx, OrderPlaced(order_id=order_id, customer_id=customer_id, proforma_id=proforma_id), now=now)
    return order_id


async def _order_of(tx: Tx, customer_id: UUID, cart: Cart, key: str) -> UUID | None:
    known = await queries.order_by_key(tx, customer_id=customer_id, idempotency_key=key)
    if known is None:
        return None
    order_id, fingerprint = known
    if fingerprint != cart.fingerprint:
        raise KeyOfAnotherCart("Send a new Idempotency-Key with a new cart; this one has its order already.")
    return order_id


async def _may_order(tx: Tx, customer: customers.Customer, quote: Quote, consent: Consent) -> None:
    """Everything that a later step needs of the customer is asked for now, before money moves."""
    registers = any(line.kind == "domain" for line in quote.lines)
    missing = {}
    if not consent.terms_version:
        missing["consent.terms_version"] = "the version of the terms that were accepted"
    if registers and not consent.registrar_terms:
        missing["consent.registrar_terms"] = "a domain is registered in your name: the registrar's terms must be accepted"
    if consent.status != customer.status:
        missing["consent.status"] = f"the profile says {customer.status}: change it there first"
    if missing:
        raise ConsentMissing(fields=missing)
    if registers:
        await customers.contact_for_registrar(tx, customer.id)
    elif customer.address is None:
        raise AddressNeeded(fields={"address.country": "add an address to the profile: tax depends on the country"})


async def _insert_order(tx: Tx, customer: customers.Customer, quote: Quote, consent: Consent, *, cart: Cart, key: str, now: datetime) -> UUID | None:
    order_id = new_id()
    row = upsert(OrderRow).values(
        id=order_id,
        customer_id=customer.id,
        state="pending",
        currency=cart.currency,
        net_minor=quote.net.minor,
        tax_minor=quote.tax.minor,
        idempotency_key=key,
        cart_fingerprint=cart.fingerprint,
        terms_version=consent.terms_version,
        customer_status=consent.status,
        immediate_start=consent.immediate_start,
        registrar_terms=consent.registrar_terms,
        consent_address=consent.address,
        consented_at=consent.given_at,
        placed_at=now,
    )
    once = row.on_conflict_do_nothing(index_elements=["customer_id", "idempotency_key"]).returning(OrderRow.id)
    return (await tx.execute(once)).scalar_one_or_none()


async def _insert_lines(tx: Tx, order_id: UUID, customer_id: UUID, quote: Quote, line_ids: list[UUID], *, now: datetime) -> None:
    for position, (line, line_id) in enumerate(zip(quote.lines, line_ids, strict=True)):
        hosting = line_ids[line.with_line] if line.with_line is not None else None
        shared = {
            "id": line_id,
            "order_id": order_id,
            "customer_id": customer_id,
            "position": position,
            "kind": line.kind,
            "hosting_line_id": hosting,
        }
        money = {"net_minor": line.taxed.net.minor, "tax_minor": line.taxed.tax.minor, "currency": line.taxed.net.currency}
        facts = {"description": line.description, "product_class": line.offer.product_class, "price_version": line.offer.price_version}
        state = {"state": "waiting", "result": {}, "changed_at": now}
        await tx.execute(insert(LineRow).values(**shared, **money, **facts, **state, **_sold(quote, position, line)))


def _sold(quote: Quote, position: int, line: PricedLine) -> dict[str, object]:
    offer = line.offer
    if isinstance(offer, catalog.DomainOffer):
        return {"limits": {}, "features": [], "domain_name": line.name.ascii, "domain_choice": "register", "years": offer.years}
    bought = any(other.with_line == position for other in quote.lines)
    return {
        "plan_id": offer.plan_id,
        "plan_code": offer.plan_code,
        "plan_name": offer.plan_name,
        "cycle_unit": offer.cycle.unit,
        "cycle_count": offer.cycle.count,
        "limits": dict(offer.limits),
        "features": list(offer.features),
        "domain_name": line.name.ascii,
        "domain_choice": "register" if bought else "own",
    }


async def _ask_for_money(tx: Tx, order_id: UUID, customer: customers.Customer, quote: Quote, line_ids: list[UUID], *, now: datetime) -> UUID:
    lines = [
        invoicing.InvoiceLine(
            description=line.description,
            product_class=line.offer.product_class,
            quantity=1,
            unit_net=line.taxed.net,
            tax=line.taxed,
            reference_type=LINE,
            reference_id=line_id,
        )
        for line, line_id in zip(quote.lines, line_ids, strict=True)
    ]
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


async def _next_number(tx: Tx, year: int) -> str:
    """Late in the transaction: the year's row is held until its end."""
    counter = upsert(CounterRow).values(year=year, last=1)
    counter = counter.on_conflict_do_update(index_elements=["year"], set_={"last": CounterRow.last + 1})
    return order_number(year, (await tx.execute(counter.returning(CounterRow.last))).scalar_one())
