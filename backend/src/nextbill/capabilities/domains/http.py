"""Routes of domains: what is free and what it costs; a customer's names; staff's list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from nextbill.capabilities import catalog, identity
from nextbill.capabilities.domains.commands import Cost, list_costs, set_cost
from nextbill.capabilities.domains.errors import DomainNotFound
from nextbill.capabilities.domains.ports import Availability, Registrar
from nextbill.capabilities.domains.queries import Domain, get_domain, held_names, list_domains
from nextbill.kernel.clock import business_date
from nextbill.kernel.domain_name import BadDomainName, DomainName
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, MoneyError
from nextbill.runtime.database import Role
from nextbill.runtime.vendors import VendorError
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, CustomerCaller, NotAuthenticated, NotPermitted, needs, own_id
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import Body, MoneyBody

NAMES_MAX = 20
_ID = "0190f3c8-5a5c-7d2e-8f6b-0d5d5f1b2a3c"
Status = Literal["available", "taken", "premium", "unknown"]
SetsPrices = Annotated[Caller, Depends(needs("catalog.manage"))]
SEES_DOMAINS = [Depends(needs("domains.read_all"))]
log = structlog.get_logger()


class CheckBody(Body):
    """Names in Unicode or in A-labels. `currency` left out: the shop's."""

    names: list[str] = Field(min_length=1, max_length=NAMES_MAX, examples=[["shopfoo.com", "bücher.example"]])
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", examples=["USD"])


class CheckedBody(BaseModel):
    """`unknown`: the registrar did not tell; ask again, it is not sold. `price` is for the first year, null unless available."""

    name: str = Field(examples=["xn--bcher-kva.example"])
    unicode: str = Field(examples=["bücher.example"])
    status: Status = Field(examples=["available"])
    price: MoneyBody | None


class ChecksBody(BaseModel):
    items: list[CheckedBody]


class CostBody(Body):
    """What a registrar charges us for a year of a name."""

    tld: str = Field(min_length=2, max_length=63, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$", examples=["com"])
    operation: Literal["register", "renew", "transfer"]
    valid_from: date
    price: MoneyBody

    @classmethod
    def of(cls, cost: Cost) -> Self:
        return cls.model_validate({"tld": cost.tld, "operation": cost.operation, "valid_from": cost.valid_from, "price": MoneyBody.of(cost.price)})


class CostsBody(BaseModel):
    """By ending and operation, the youngest first."""

    items: list[CostBody]


class DomainBody(BaseModel):
    """`status` pending covers a name that waits for staff too. `reason` and `faults` say why it was refused. `auto_renew`: its holder wants it renewed; see
    `GET /api/v1/domains/{id}/renewal`."""

    id: UUID = Field(examples=[_ID])
    name: str = Field(examples=["shopfoo.com"])
    unicode: str = Field(examples=["shopfoo.com"])
    status: str = Field(examples=["active"])
    years: int = Field(examples=[1])
    nameservers: list[str] = Field(examples=[["ns1.example.net", "ns2.example.net"]])
    expires_on: date | None = Field(examples=["2027-11-20"])
    reason: str | None = Field(examples=[None])
    faults: dict[str, str] = Field(examples=[{}])
    auto_renew: bool
    requested_at: datetime
    registered_at: datetime | None

    @classmethod
    def of(cls, found: Domain) -> Self:
        """What a customer sees: our own troubles with the registrar are none of theirs."""
        parked = found.state == "parked"
        return cls(
            id=found.id,
            name=found.name.ascii,
            unicode=found.name.unicode,
            status="pending" if parked else found.state,
            years=found.years,
            nameservers=list(found.nameservers),
            expires_on=found.expires_on,
            reason=None if parked else found.reason,
            faults=found.faults,
            auto_renew=found.auto_renew,
            requested_at=found.requested_at,
            registered_at=found.registered_at,
        )


class StaffDomainBody(DomainBody):
    customer_id: UUID
    reference_type: str = Field(examples=["orders.line"])
    reference_id: UUID

    @classmethod
    def of(cls, found: Domain) -> Self:
        seen = DomainBody.of(found).model_dump() | {"status": found.state, "reason": found.reason}
        return cls(**seen, customer_id=found.customer_id, reference_type=found.reference_type, reference_id=found.reference_id)


def make_router(registrar: Registrar) -> APIRouter:
    router = APIRouter(prefix="/domains", tags=["domains"])
    refusals = (Invalid, catalog.NotOnSale, catalog.PriceNotInCurrency)

    @router.post("/check", responses=problem.responses(*refusals))
    async def check_domains(ctx: Ctx, body: CheckBody) -> ChecksBody:
        """Up to 20 names at once, before or after logging in. A name or an ending that we can't sell is a 422 naming it."""
        names = _parsed(body.names)
        currency = body.currency or ctx.settings.currency
        on = business_date(ctx.clock.now(), ctx.settings.company_time_zone)
        async with ctx.database.reading(Role.WORK) as tx:
            prices = {}
            for place, name in enumerate(names):
                try:
                    offer = await catalog.price_domain(tx, name=name, years=1, operation="register", currency=currency, on=on)
                except catalog.NotOnSale as refusal:
                    raise _at(place, refusal) from refusal
                prices[name.ascii] = offer.price
            held = await held_names(tx, names)
        answers = await _ask(registrar, [name for name in names if name.ascii not in held])
        return ChecksBody(items=[_checked(name, answers, prices) for name in names])

    @router.get("/", responses=problem.responses(NotAuthenticated, NotPermitted))
    @router.get("", include_in_schema=False)
    async def list_own_domains(ctx: Ctx, caller: CustomerCaller, pages: Pages) -> Page[DomainBody]:
        async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
            found = await list_domains(tx, paging=pages)
        return pages.page(found, DomainBody.of, lambda one: one.id)

    @router.get("/{domain_id}", responses=problem.responses(NotAuthenticated, NotPermitted, DomainNotFound))
    async def get_own_domain(ctx: Ctx, caller: CustomerCaller, domain_id: UUID) -> DomainBody:
        async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
            return DomainBody.of(await get_domain(tx, domain_id))

    return router


staff_router = APIRouter(prefix="/admin/domains", tags=["admin"])


@staff_router.get("", dependencies=SEES_DOMAINS, responses=problem.responses(NotAuthenticated, NotPermitted))
async def list_all_domains(ctx: Ctx, pages: Pages, customer_id: UUID | None = None) -> Page[StaffDomainBody]:
    async with ctx.database.reading(Role.WORK) as tx:
        found = await list_domains(tx, paging=pages, customer_id=customer_id)
    return pages.page(found, StaffDomainBody.of, lambda one: one.id)


@staff_router.get("/costs", dependencies=SEES_DOMAINS, responses=problem.responses(NotAuthenticated, NotPermitted), summary="What endings cost us")
async def list_domain_costs(ctx: Ctx) -> CostsBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return CostsBody(items=[CostBody.of(cost) for cost in await list_costs(tx)])


@staff_router.put("/costs", responses=problem.responses(NotAuthenticated, NotPermitted, Invalid), summary="Set what an ending costs us")
async def set_domain_cost(body: CostBody, ctx: Ctx, caller: SetsPrices) -> CostsBody:
    """For a year, from a day on. Booked where the registrar does not say what it took; what is booked stays."""
    now = ctx.clock.now()
    try:
        price = Money(body.price.amount, body.price.currency)
    except MoneyError as error:
        raise Invalid(fields={"price.currency": str(error)}) from None
    if price.minor < 0:
        raise Invalid(fields={"price.amount": "not below zero"})
    async with ctx.database.writing(Role.WORK) as tx:
        await set_cost(tx, cost=Cost(body.tld, body.operation, body.valid_from, price), now=now)
        about = {"operation": body.operation, "valid_from": body.valid_from.isoformat(), "price_minor": price.minor, "currency": price.currency}
        actor = f"staff:{caller.login_id}"
        await identity.audit(tx, actor=actor, action="domains.cost_set", object_type="domains.cost", object_id=body.tld, detail=about, now=now)
        return CostsBody(items=[CostBody.of(cost) for cost in await list_costs(tx)])


@staff_router.get("/{domain_id}", dependencies=SEES_DOMAINS, responses=problem.responses(NotAuthenticated, NotPermitted, DomainNotFound))
async def get_any_domain(ctx: Ctx, domain_id: UUID) -> StaffDomainBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return StaffDomainBody.of(await get_domain(tx, domain_id))


async def _ask(registrar: Registrar, names: Sequence[DomainName]) -> Mapping[str, Availability]:
    """Names that the registrar did not tell of are absent: they are shown as unknown, and unknown is never sold."""
    if not names:
        return {}
    asked = list(dict.fromkeys(name.ascii for name in names))
    try:
        found = await registrar.check(asked)
    except VendorError as error:
        log.warning("registrar does not tell what is free", reason=error.reason, detail=error.detail)
        return {name: Availability(name, "unknown") for name in asked}
    return {one.name: one for one in found}


def _checked(name: DomainName, answers: Mapping[str, Availability], prices: Mapping[str, Money]) -> CheckedBody:
    """A name that was not asked for is held through us: taken."""
    answer = answers.get(name.ascii)
    status: Status = "taken" if answer is None else answer.status
    price = MoneyBody.of(prices[name.ascii]) if status == "available" else None
    return CheckedBody(name=name.ascii, unicode=name.unicode, status=status, price=price)


def _parsed(texts: Sequence[str]) -> list[DomainName]:
    names: list[DomainName] = []
    wrong: dict[str, str] = {}
    for place, text in enumerate(texts):
        try:
            names.append(DomainName.parse(text))
        except BadDomainName as error:
            wrong[f"names.{place}"] = str(error)
    if wrong:
        raise Invalid(fields=wrong)
    return names


def _at(place: int, refusal: catalog.NotOnSale) -> catalog.NotOnSale:
    """The same refusal, at the place in the list that it is about."""
    refusal.fields = {f"names.{place}": f"{refusal.detail} Choose an ending from GET /api/v1/tlds."}
    return refusal
