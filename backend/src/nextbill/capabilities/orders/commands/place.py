"""A cart becomes an order: priced, taxed, consented to, what is limited reserved, with a proforma to pay where anything is to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import catalog, customers
from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.commands.asking import ask_for_money
from nextbill.capabilities.orders.commands.pricing import Quote, price_cart
from nextbill.capabilities.orders.commands.writing import insert_lines
from nextbill.capabilities.orders.errors import AddressNeeded, ConsentMissing, KeyOfAnotherCart, PriceChanged
from nextbill.capabilities.orders.events import OrderConfirmed, OrderPaid, OrderPlaced
from nextbill.capabilities.orders.models import CounterRow, OrderRow
from nextbill.capabilities.orders.rules import UNPAID, UNPAID_HOLDING, Cart, Consent, order_number
from nextbill.kernel.clock import business_date
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def place_order(
    tx: Tx,
    *,
    customer_id: UUID,
    cart: Cart,
    consent: Consent,
    idempotency_key: str,
    zone: str,
    now: datetime,
    expected: Money | None = None,
) -> UUID:
    """One for each (customer, key): the same key again finds the first one's order. `expected`: the total that the customer was shown.

    CartInvalid, CouponRefused, OutOfStock, PriceChanged, AddressNeeded, IncompleteContact, ConsentMissing, KeyOfAnotherCart.
    """
    await _take_turns(tx, customer_id)
    known = await _order_of(tx, customer_id, cart, idempotency_key)
    if known is not None:
        return known
    customer = await customers.get_customer(tx, customer_id)
    quote = await price_cart(tx, customer=customer, cart=cart, zone=zone, now=now)
    await _may_order(tx, customer, quote, consent)
    if expected is not None and expected != quote.total:
        raise PriceChanged(f"It costs {quote.total} now.", total_minor=quote.total.minor, currency=cart.currency)
    order_id = await _insert_order(tx, customer, quote, consent, cart=cart, key=idempotency_key, now=now)
    if order_id is None:
        # The same request twice at once: the other one has committed meanwhile.
        other = await _order_of(tx, customer_id, cart, idempotency_key)
        if other is None:
            raise LookupError("an order in conflict must be readable")
        return other
    line_ids = await insert_lines(tx, order_id, customer.id, quote, now=now)
    holder = catalog.Holder(customer.id, order_id, paid=not quote.total)
    await _hold(tx, holder, quote, line_ids, now=now)
    proforma_id = await ask_for_money(tx, order_id, customer, quote, line_ids, now=now) if quote.total else None
    number = await _next_number(tx, business_date(now, zone).year)
    await tx.execute(update(OrderRow).where(OrderRow.id == order_id).values(number=number, proforma_id=proforma_id))
    await publish(tx, OrderPlaced(order_id=order_id, customer_id=customer_id, proforma_id=proforma_id), now=now)
    if proforma_id is None:
        await _confirm(tx, order_id, customer_id, now=now)
    return order_id


async def _take_turns(tx: Tx, customer_id: UUID) -> None:
    """Two orders of one customer at once are priced one after the other: what is given once (a trial) is given to the first."""
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('orders.place'), hashtext(:customer))"), {"customer": str(customer_id)})


async def _hold(tx: Tx, holder: catalog.Holder, quote: Quote, line_ids: Sequence[UUID], *, now: datetime) -> None:
    """Reserves what is limited, in this transaction: a crash before its commit has reserved nothing."""
    wanted = [
        catalog.Wanted(part.part.product_id, line_id, part.part.quantity, part.part.description)
        for line, line_id in zip(quote.lines, line_ids, strict=True)
        for part in line.parts
        if part.part.stocked and part.part.product_id is not None
    ]
    await catalog.hold_stock(tx, holder, wanted, now=now)
    if quote.coupon is not None:
        again = {
            line_id: total([off for part, off in zip(line.parts, offs, strict=True) if part.part.billing == "each_period"], quote.net.currency)
            for line, line_id, offs in zip(quote.lines, line_ids, quote.promised, strict=True)
            if line.draft.cycle is not None
        }
        charged = {line_id for line, line_id in zip(quote.lines, line_ids, strict=True) if not line.draft.trial_days}
        await catalog.hold_coupon(tx, holder, quote.coupon, again=again, first_charged=charged, now=now)
    if wanted or quote.coupon:
        await tx.execute(update(OrderRow).where(OrderRow.id == holder.order_id).values(expires_at=now + UNPAID_HOLDING))


async def _confirm(tx: Tx, order_id: UUID, customer_id: UUID, *, now: datetime) -> None:
    """Nothing is to be paid, so nothing is asked for: no document either, since nothing is supplied for money yet."""
    await tx.execute(update(OrderRow).where(OrderRow.id == order_id).values(state="paid", paid_at=now))
    await publish(tx, OrderPaid(order_id=order_id, customer_id=customer_id), now=now)
    await publish(tx, OrderConfirmed(order_id=order_id, customer_id=customer_id), now=now)


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
    registers = any(line.draft.kind == "domain" for line in quote.lines)
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
        coupon_code=quote.coupon.coupon.code if quote.coupon else None,
        terms_version=consent.terms_version,
        customer_status=consent.status,
        immediate_start=consent.immediate_start,
        registrar_terms=consent.registrar_terms,
        consent_address=consent.address,
        consented_at=consent.given_at,
        placed_at=now,
        expires_at=now + UNPAID,
    )
    once = row.on_conflict_do_nothing(index_elements=["customer_id", "idempotency_key"]).returning(OrderRow.id)
    return (await tx.execute(once)).scalar_one_or_none()


async def _next_number(tx: Tx, year: int) -> str:
    """Late in the transaction: the year's row is held until its end."""
    counter = upsert(CounterRow).values(year=year, last=1)
    counter = counter.on_conflict_do_update(index_elements=["year"], set_={"last": CounterRow.last + 1})
    return order_number(year, (await tx.execute(counter.returning(CounterRow.last))).scalar_one())
