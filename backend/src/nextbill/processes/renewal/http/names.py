"""The renewal of a name: what comes next, whether it is wanted, what it waits for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from nextbill.capabilities import domains, invoicing
from nextbill.kernel.clock import business_date
from nextbill.processes.renewal import commands, queries
from nextbill.processes.renewal.commands import By
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, CustomerCaller, NotAuthenticated, NotPermitted, needs, own_id
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter(prefix="/domains", tags=["domains"], route_class=IdempotentRoute)
staff_router = APIRouter(prefix="/admin", tags=["admin"], route_class=IdempotentRoute)
Reader = Annotated[Caller, Depends(needs("domains.read_all"))]
Manager = Annotated[Caller, Depends(needs("domains.manage"))]
READS = (NotAuthenticated, NotPermitted, domains.DomainNotFound)
CHANGES = (*READS, KeyInUse, KeyReused)
WAITING = (*CHANGES, domains.RenewalNotFound, domains.RenewalNotHeld)
OUR_TROUBLES = {"held": "due", "parked": "renewing", "given_up": "refused"}
"""What staff has to mend is told to customers as what it is to them."""


class NextRenewalBody(BaseModel):
    """`invoiced_on`: at the latest; earlier together with another invoice. `price` is before tax, null where it is `included` or not known yet.
    `collection`: a card is charged, an invoice is sent, or nothing is to be paid."""

    from_on: date
    invoiced_on: date
    included: bool
    price: MoneyBody | None
    collection: Literal["charge", "invoice", "free"]

    @classmethod
    def of(cls, one: queries.Outlook) -> Self:
        price = MoneyBody.of(one.price) if one.price else None
        return cls(from_on=one.due.from_on, invoiced_on=one.billed_on, included=one.included, price=price, collection=one.collection)


class RenewalBody(BaseModel):
    """The last renewal: of the expiry `from_on`. `status`: due, invoiced, renewing, renewed, lapsed (not paid in time), withdrawn, refused. What is `owed`
    is the whole invoice's."""

    id: UUID
    from_on: date
    status: str = Field(examples=["invoiced"])
    collection: Literal["charge", "invoice", "free"]
    expires_on: date | None
    invoice_id: UUID | None
    invoice_number: str | None = Field(examples=["INV-2027-000042"])
    invoice_status: str | None = Field(examples=["open"])
    owed: MoneyBody | None
    due_on: date | None

    @classmethod
    async def read(cls, tx: ReadTx, found: domains.RenewalView, *, whole: bool) -> Self:
        paper = (await invoicing.get_invoice(tx, found.invoice_id)).summary if found.invoice_id else None
        return cls(
            id=found.id,
            from_on=found.from_on,
            status=found.state if whole else OUR_TROUBLES.get(found.state, found.state),
            collection=found.collection,
            expires_on=found.expires_on,
            invoice_id=found.invoice_id,
            invoice_number=paper.number if paper else None,
            invoice_status=paper.state if paper else None,
            owed=MoneyBody.of(paper.owed) if paper else None,
            due_on=paper.due_on if paper else None,
        )


class DomainRenewalBody(BaseModel):
    """`next` is null where nothing is to come: it is switched off, or under way. `last` is null before the first one."""

    domain_id: UUID
    name: str = Field(examples=["shopfoo.com"])
    unicode: str = Field(examples=["shopfoo.com"])
    expires_on: date | None
    auto_renew: bool
    separate_invoice: bool
    next: NextRenewalBody | None
    last: RenewalBody | None


class StaffRenewalBody(DomainRenewalBody):
    """`reason`: why it was set aside by the run, or parked at the registrar."""

    customer_id: UUID
    reason: str | None
    paid_at: datetime | None


class WaitingBody(BaseModel):
    """`held`: the run could not invoice it. `parked`: it was paid for, and the registrar has not renewed it."""

    id: UUID
    domain_id: UUID
    customer_id: UUID
    from_on: date
    status: Literal["held", "parked"]
    reason: str
    since: datetime


class WishBody(Body):
    """Whether it is renewed, and whether on an invoice for names only; what is left out stays."""

    auto_renew: bool | None = None
    separate_invoice: bool | None = None


class ReasonBody(Body):
    reason: str = Field(min_length=3, max_length=500)


@router.get("/{domain_id}/renewal", operation_id="read_domain_renewal", responses=problem.responses(*READS))
async def read(ctx: Ctx, caller: CustomerCaller, domain_id: UUID) -> DomainRenewalBody:
    """When it is renewed next, what that costs and how it is paid; and how far the last renewal is."""
    await _own(ctx, caller, domain_id)
    async with ctx.database.reading(Role.WORK) as tx:
        return await _read(tx, ctx, domain_id, whole=False)


@router.patch("/{domain_id}/renewal", operation_id="change_domain_renewal", responses=problem.responses(*CHANGES))
async def change(ctx: Ctx, caller: CustomerCaller, domain_id: UUID, body: WishBody) -> DomainRenewalBody:
    """Switched off, an unpaid line for it comes off its invoice. What was paid for is renewed all the same."""
    await _own(ctx, caller, domain_id)
    return await _wish(ctx, domain_id, body, By(f"customer:{caller.login_id}"), whole=False)


@staff_router.get("/domain-renewals", operation_id="list_waiting_domain_renewals", responses=problem.responses(NotAuthenticated, NotPermitted))
async def list_waiting(ctx: Ctx, _caller: Reader, pages: Pages) -> Page[WaitingBody]:
    """What waits for staff: renewals that the run has set aside, and paid ones that the registrar has not carried out."""
    async with ctx.database.reading(Role.WORK) as tx:
        return pages.page(await domains.renewals_waiting(tx, pages), _waiting, lambda one: one.id)


@staff_router.get("/domains/{domain_id}/renewal", operation_id="read_any_domain_renewal", responses=problem.responses(*READS))
async def read_any(ctx: Ctx, _caller: Reader, domain_id: UUID) -> StaffRenewalBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return await _read_whole(tx, ctx, domain_id)


@staff_router.patch("/domains/{domain_id}/renewal", operation_id="change_any_domain_renewal", responses=problem.responses(*CHANGES))
async def change_any(ctx: Ctx, caller: Manager, domain_id: UUID, body: WishBody) -> DomainRenewalBody:
    """As its holder may."""
    return await _wish(ctx, domain_id, body, By(f"staff:{caller.login_id}"), whole=True)


@staff_router.post("/domains/{domain_id}/renewal/retry", operation_id="retry_domain_renewal", responses=problem.responses(*WAITING))
async def retry(ctx: Ctx, caller: Manager, domain_id: UUID) -> StaffRenewalBody:
    """What was set aside is billed by the next run; what is parked goes to the registrar, looking first."""
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.try_again(tx, domain_id, by=By(f"staff:{caller.login_id}"), now=ctx.clock.now())
        return await _read_whole(tx, ctx, domain_id)


@staff_router.post(
    "/domains/{domain_id}/renewal/give-up",
    operation_id="give_up_domain_renewal",
    responses=problem.responses(*WAITING, domains.RenewalMayBeDone),
)
async def give_up(ctx: Ctx, caller: Manager, domain_id: UUID, body: ReasonBody) -> StaffRenewalBody:
    """A parked renewal is ended, and what was paid for it is the customer's credit."""
    now, today = _moment(ctx)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.give_up(tx, domain_id, by=By(f"staff:{caller.login_id}", body.reason), on=today, now=now)
        return await _read_whole(tx, ctx, domain_id)


async def _wish(ctx: Context, domain_id: UUID, body: WishBody, by: By, *, whole: bool) -> DomainRenewalBody:
    now, today = _moment(ctx)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.wish(tx, domain_id, auto_renew=body.auto_renew, apart=body.separate_invoice, by=by, on=today, now=now)
        return await _read(tx, ctx, domain_id, whole=whole)


async def _read(tx: ReadTx, ctx: Context, domain_id: UUID, *, whole: bool) -> DomainRenewalBody:
    domain = await domains.get_domain(tx, domain_id)
    coming, last = await domains.next_of(tx, domain_id), await domains.latest_renewal(tx, domain_id)
    outlook = await queries.outlook_of(tx, coming, on=_moment(ctx)[1], days=queries.days_of(ctx.settings)) if coming else None
    return DomainRenewalBody(
        domain_id=domain.id,
        name=domain.name.ascii,
        unicode=domain.name.unicode,
        expires_on=domain.expires_on,
        auto_renew=domain.auto_renew,
        separate_invoice=domain.renews_apart,
        next=NextRenewalBody.of(outlook) if outlook else None,
        last=await RenewalBody.read(tx, last, whole=whole) if last else None,
    )


async def _read_whole(tx: ReadTx, ctx: Context, domain_id: UUID) -> StaffRenewalBody:
    seen, last = await _read(tx, ctx, domain_id, whole=True), await domains.latest_renewal(tx, domain_id)
    holder = (await domains.get_domain(tx, domain_id)).customer_id
    return StaffRenewalBody(
        **seen.model_dump(), customer_id=holder, reason=last.reason if last else None, paid_at=last.paid_at if last else None
    )  # fmt: skip


def _waiting(one: domains.RenewalView) -> WaitingBody:
    return WaitingBody.model_validate(
        {
            "id": one.id,
            "domain_id": one.domain_id,
            "customer_id": one.customer_id,
            "from_on": one.from_on,
            "status": one.state,
            "reason": one.reason,
            "since": one.changed_at,
        }
    )


async def _own(ctx: Context, caller: Caller, domain_id: UUID) -> None:
    """Row-level security shows a customer their own names only; what follows reads and touches rows that customers cannot."""
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        await domains.get_domain(tx, domain_id)


def _moment(ctx: Context) -> tuple[datetime, date]:
    now = ctx.clock.now()
    return now, business_date(now, ctx.settings.company_time_zone)
