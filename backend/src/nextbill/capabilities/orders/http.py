"""Routes of orders. Paying is payments' (`POST /orders/{order_id}/pay`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from nextbill.capabilities import customers, tax
from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.commands import Quote, place_order, price_cart
from nextbill.capabilities.orders.errors import CART_PROBLEMS, AddressNeeded, ConsentMissing, OrderNotFound
from nextbill.capabilities.orders.queries import Order, OrderLine
from nextbill.capabilities.orders.rules import ITEMS_MAX, ORDER, Cart, CartDomain, Consent, DomainItem, HostingItem, Stage
from nextbill.kernel.ids import new_id
from nextbill.kernel.period import Cycle, Unit
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, Caller, CustomerCaller, NotPermitted, own_id
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.location import country_of
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter(prefix="/orders", tags=["orders"], route_class=IdempotentRoute)
READ_ALL = "orders.read_all"
State = Literal["pending", "paid", "completed", "cancelled"]
EXAMPLE_HOSTING: JsonDict = {
    "kind": "hosting",
    "plan": "professional",
    "cycle": {"unit": "month", "count": 1},
    "domain": {"kind": "register", "name": "example.com", "years": 1},
}
EXAMPLE_CONSENT: JsonDict = {"terms_version": "2026-01", "status": "consumer", "immediate_start": True, "registrar_terms": True}


class OrderCycle(Body):
    unit: Unit = "month"
    count: int = Field(default=1, ge=1, le=60)


class DomainChoiceBody(Body):
    """`register` buys the name with the plan for so many years; `own` is a name that the customer has already."""

    kind: Literal["register", "own"]
    name: str = Field(max_length=300, examples=["example.com"])
    years: int = Field(default=1, ge=1, le=10)


class HostingItemBody(Body):
    kind: Literal["hosting"]
    plan: str = Field(max_length=64, examples=["professional"])
    cycle: OrderCycle = OrderCycle()
    domain: DomainChoiceBody


class DomainItemBody(Body):
    kind: Literal["domain"]
    name: str = Field(max_length=300, examples=["example.com"])
    years: int = Field(default=1, ge=1, le=10)


ItemBody = Annotated[HostingItemBody | DomainItemBody, Field(discriminator="kind")]


class CartBody(Body):
    """What is chosen. It takes no prices: those are ours."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, json_schema_extra={"examples": [{"items": [EXAMPLE_HOSTING], "currency": "USD"}]}
    )

    items: list[ItemBody] = Field(max_length=ITEMS_MAX)
    currency: str | None = Field(default=None, max_length=8, description="ISO 4217; the shop's own where left out", examples=["USD"])


class ConsentBody(Body):
    """What the customer agreed to at checkout. `immediate_start`: the express wish that delivery begins at once."""

    terms_version: str = Field(min_length=1, max_length=64, examples=["2026-01"])
    status: Literal["consumer", "business"]
    immediate_start: bool
    registrar_terms: bool = False


class OrderRequest(CartBody):
    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [EXAMPLE_HOSTING], "currency": "USD", "consent": EXAMPLE_CONSENT}]})

    consent: ConsentBody


class QuoteLineBody(BaseModel):
    kind: str = Field(examples=["hosting"])
    description: str = Field(examples=["Professional for example.com"])
    net: MoneyBody
    tax: MoneyBody
    tax_note: str


class QuoteBody(BaseModel):
    """`tax_final` is false as long as the customer has no address: then no tax is in it yet."""

    lines: list[QuoteLineBody]
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody
    tax_final: bool

    @classmethod
    def of(cls, quote: Quote) -> QuoteBody:
        lines = [
            QuoteLineBody(
                kind=line.kind,
                description=line.description,
                net=MoneyBody.of(line.taxed.net),
                tax=MoneyBody.of(line.taxed.tax),
                tax_note=line.taxed.note,
            )
            for line in quote.lines
        ]
        return cls(lines=lines, net=MoneyBody.of(quote.net), tax=MoneyBody.of(quote.tax), total=MoneyBody.of(quote.total), tax_final=quote.tax_final)


class OrderLineBody(BaseModel):
    """`result` names what was delivered: license_id, account_id, subscription_id, domain_id."""

    id: UUID
    kind: str = Field(examples=["hosting"])
    description: str
    plan: str | None
    cycle: OrderCycle | None
    domain_name: str | None
    domain_choice: str | None
    years: int | None
    net: MoneyBody
    tax: MoneyBody
    state: str = Field(examples=["requested"])
    reason: str | None
    result: dict[str, str]

    @classmethod
    def of(cls, line: OrderLine) -> OrderLineBody:
        return cls(
            id=line.id,
            kind=line.kind,
            description=line.description,
            plan=line.plan_code,
            cycle=OrderCycle(unit=line.cycle.unit, count=line.cycle.count) if line.cycle else None,
            domain_name=line.domain_name,
            domain_choice=line.domain_choice,
            years=line.years,
            net=MoneyBody.of(line.net),
            tax=MoneyBody.of(line.tax),
            state=line.state,
            reason=line.reason,
            result=dict(line.result),
        )


class StageBody(BaseModel):
    """A step of the order's course. `attention`: somebody has to act."""

    name: str = Field(examples=["paid"])
    state: str = Field(examples=["done"])
    at: datetime | None
    reason: str | None
    line_id: UUID | None

    @classmethod
    def of(cls, stage: Stage) -> StageBody:
        return cls(name=stage.name, state=stage.state, at=stage.at, reason=stage.reason, line_id=stage.line_id)


class OrderBody(BaseModel):
    id: UUID
    number: str | None = Field(examples=["ORD-2026-000042"])
    customer_id: UUID
    state: str = Field(examples=["pending"])
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody
    proforma_id: UUID | None
    placed_at: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    lines: list[OrderLineBody]
    steps: list[StageBody]

    @classmethod
    def of(cls, order: Order) -> OrderBody:
        return cls(
            id=order.id,
            number=order.number,
            customer_id=order.customer_id,
            state=order.state,
            net=MoneyBody.of(order.net),
            tax=MoneyBody.of(order.tax),
            total=MoneyBody.of(order.total),
            proforma_id=order.proforma_id,
            placed_at=order.placed_at,
            paid_at=order.paid_at,
            completed_at=order.completed_at,
            cancelled_at=order.cancelled_at,
            cancel_reason=order.cancel_reason,
            lines=[OrderLineBody.of(line) for line in order.lines],
            steps=[StageBody.of(stage) for stage in queries.stages(order)],
        )


@router.post("/quote", operation_id="quote_order", responses=problem.responses(*CART_PROBLEMS))
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
        *CART_PROBLEMS, AddressNeeded, customers.IncompleteContact, ConsentMissing, KeyReused, KeyInUse, tax.TaxRateMissing, tax.TaxNotKnown
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
    return Cart([_item(item) for item in body.items], body.currency or ctx.settings.currency)


def _item(body: HostingItemBody | DomainItemBody) -> HostingItem | DomainItem:
    if isinstance(body, DomainItemBody):
        return DomainItem(body.name, body.years)
    chosen = CartDomain(body.domain.kind, body.domain.name, body.domain.years)
    return HostingItem(body.plan, Cycle(body.cycle.unit, body.cycle.count), chosen)


@asynccontextmanager
async def _reading(ctx: Context, caller: Caller) -> AsyncIterator[ReadTx]:
    """Row-level security shows a customer their own rows; staff need the permission to see all."""
    if caller.customer_id is None and READ_ALL not in caller.permissions:
        raise NotPermitted(f"This needs the permission {READ_ALL}.")
    role = Role.APP if caller.customer_id is not None else Role.WORK
    async with ctx.database.reading(role, customer_id=caller.customer_id) as tx:
        yield tx
