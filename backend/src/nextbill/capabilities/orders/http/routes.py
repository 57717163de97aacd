"""Routes of orders. Paying is payments' (`POST /orders/{order_id}/pay`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request

from nextbill.capabilities import catalog, customers, tax
from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.commands import place_order, price_cart
from nextbill.capabilities.orders.errors import CART_PROBLEMS, AddressNeeded, ConsentMissing, OrderNotFound, PriceChanged
from nextbill.capabilities.orders.http.shapes import (
    CartBody,
    DomainItemBody,
    HostingItemBody,
    ItemBody,
    OrderBody,
    OrderCycle,
    OrderRequest,
    ProductItemBody,
    QuoteBody,
)
from nextbill.capabilities.orders.rules import ORDER, Cart, CartDomain, Consent, DomainItem, HostingItem, Item, ProductItem
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, MoneyError
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, Caller, CustomerCaller, NotPermitted, own_id
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.location import country_of
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import MoneyBody

router = APIRouter(prefix="/orders", tags=["orders"], route_class=IdempotentRoute)
READ_ALL = "orders.read_all"
State = Literal["pending", "paid", "completed", "cancelled"]


@router.post(
    "/quote", operation_id="quote_order", responses=problem.responses(*CART_PROBLEMS, *catalog.COUPON_REFUSALS, tax.TaxRateMissing, tax.TaxNotKnown)
)
async def quote(ctx: Ctx, caller: CustomerCaller, body: CartBody) -> QuoteBody:
    """What a cart costs, without ordering it."""
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        customer = await customers.get_customer(tx, own_id(caller))
        found = await price_cart(tx, customer=customer, cart=_cart(body, ctx), zone=ctx.settings.company_time_zone, now=ctx.clock.now())
    return QuoteBody.of(found)


@router.post(
    "",
    operation_id="place_order",
    status_code=201,
    responses=problem.responses(
        *CART_PROBLEMS,
        *catalog.COUPON_REFUSALS,
        AddressNeeded,
        customers.IncompleteContact,
        ConsentMissing,
        PriceChanged,
        KeyReused,
        KeyInUse,
        tax.TaxRateMissing,
        tax.TaxNotKnown,
    ),
)
@router.post("/", include_in_schema=False, status_code=201)
async def place(
    ctx: Ctx, caller: CustomerCaller, request: Request, body: OrderRequest, idempotency_key: Annotated[str | None, Header(max_length=255)] = None
) -> OrderBody:
    """Orders what is in the cart, with an obligation to pay. The same Idempotency-Key is the same order."""
    now, customer_id = ctx.clock.now(), own_id(caller)
    given = body.consent
    consent = Consent(
        terms_version=given.terms_version,
        status=given.status,
        immediate_start=given.immediate_start,
        registrar_terms=given.registrar_terms,
        address=request.client.host if request.client else "unknown",
        given_at=now,
    )
    async with ctx.database.writing(Role.APP, customer_id=customer_id) as tx:
        order_id = await place_order(
            tx,
            customer_id=customer_id,
            cart=_cart(body, ctx),
            consent=consent,
            idempotency_key=idempotency_key or str(new_id()),
            zone=ctx.settings.company_time_zone,
            now=now,
            expected=_expected(body.expected_total),
        )
        country = country_of(request, ctx.settings)
        if country is not None:
            await tax.note_evidence(
                tx,
                customer_id=customer_id,
                subject_type=ORDER,
                subject_id=order_id,
                kind="ip_address",
                country=country,
                source_type="orders.order",
                source_id=order_id,
                now=now,
            )
        return OrderBody.of(await queries.get_order(tx, order_id))


@router.get("", operation_id="list_orders")
@router.get("/", include_in_schema=False)
async def list_all(ctx: Ctx, caller: AnyCaller, pages: Pages, state: Annotated[State | None, Query()] = None) -> Page[OrderBody]:
    """A customer's own, or everybody's for staff who may see them."""
    async with _reading(ctx, caller) as tx:
        rows = await queries.list_orders(tx, after=pages.after, limit=pages.limit + 1, state=state)
    return pages.page(rows, OrderBody.of, lambda row: row.id)


@router.get("/{order_id}", operation_id="get_order", responses=problem.responses(OrderNotFound))
async def get(ctx: Ctx, caller: AnyCaller, order_id: UUID) -> OrderBody:
    """The order with its lines and its course so far."""
    async with _reading(ctx, caller) as tx:
        return OrderBody.of(await queries.get_order(tx, order_id))


def _cart(body: CartBody, ctx: Context) -> Cart:
    return Cart([_item(item) for item in body.items], body.currency or ctx.settings.currency, body.coupon or None)


def _item(body: ItemBody) -> Item:
    if isinstance(body, DomainItemBody):
        return DomainItem(body.name, body.years)
    if isinstance(body, ProductItemBody):
        return ProductItem(body.product, _cycle(body.cycle) if body.cycle else None, body.quantity)
    return _hosting(body)


def _hosting(body: HostingItemBody) -> HostingItem:
    chosen = CartDomain(body.domain.kind, body.domain.name, body.domain.years)
    addons = tuple((addon.code, addon.quantity) for addon in body.addons)
    options = tuple((option.code, option.value, option.quantity) for option in body.options)
    return HostingItem(body.plan, _cycle(body.cycle), chosen, addons, options)


def _cycle(body: OrderCycle) -> Cycle:
    return Cycle(body.unit, body.count)


def _expected(body: MoneyBody | None) -> Money | None:
    try:
        return Money(body.amount, body.currency) if body else None
    except MoneyError as error:
        raise Invalid(fields={"expected_total.currency": "not a currency: three letters by ISO 4217"}) from error


@asynccontextmanager
async def _reading(ctx: Context, caller: Caller) -> AsyncIterator[ReadTx]:
    """Row-level security shows a customer their own rows; staff need the permission to see all."""
    if caller.customer_id is None and READ_ALL not in caller.permissions:
        raise NotPermitted(f"This needs the permission {READ_ALL}.")
    role = Role.APP if caller.customer_id is not None else Role.WORK
    async with ctx.database.reading(role, customer_id=caller.customer_id) as tx:
        yield tx
