"""Staff: customers found and seen whole, their licenses and payments."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from nextbill.capabilities import customers, licensing
from nextbill.capabilities.admin.http.customer_bodies import CustomerFileBody, CustomerItemBody, LicenseItemBody, PaymentItemBody
from nextbill.capabilities.admin.queries.customers import customer_file, list_customers
from nextbill.capabilities.admin.queries.holdings import LicenseFilter, get_license, list_licenses, list_payments
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

DENIALS = (NotAuthenticated, NotPermitted, Invalid)
ReadsCustomers = Annotated[Caller, Depends(needs("customers.read_all"))]
ReadsLicenses = Annotated[Caller, Depends(needs("licenses.read_all"))]
ReadsPayments = Annotated[Caller, Depends(needs("payments.read_all"))]
PaymentState = Literal["requested", "open", "succeeded", "failed", "expired", "quarantined", "parked"]
Search = Annotated[
    str | None, Query(max_length=254, pattern=r"^[^\x00-\x1f]*$", description="part of a number, a name, a company or an e-mail address")
]
Named = Annotated[list[UUID] | None, Query(alias="id", max_length=200, description="these alone, such as to name those of another list")]
LicenseStatus = Literal["active", "suspended", "cancelled"]
OfCustomer = Annotated[UUID | None, Query(description="only this customer's")]

router = APIRouter()


@router.get("/customers", operation_id="list_customers", responses=problem.responses(*DENIALS))
async def find_customers(ctx: Ctx, _caller: ReadsCustomers, pages: Pages, q: Search = None, ids: Named = None) -> Page[CustomerItemBody]:
    """Newest first."""
    async with ctx.database.reading(Role.WORK) as tx:
        rows = await list_customers(tx, pages, search=q, ids=ids)
    return pages.page(rows, CustomerItemBody.of, lambda row: row.id)


@router.get("/customers/{customer_id}", operation_id="get_customer", responses=problem.responses(*DENIALS, customers.UnknownCustomer))
async def read_customer(ctx: Ctx, _caller: ReadsCustomers, customer_id: UUID) -> CustomerFileBody:
    """Profile, address and the state of the login."""
    async with ctx.database.reading(Role.WORK) as tx:
        return CustomerFileBody.of(await customer_file(tx, customer_id))


@router.get("/licenses", operation_id="list_all_licenses", responses=problem.responses(*DENIALS))
async def list_all_licenses(
    ctx: Ctx,
    _caller: ReadsLicenses,
    pages: Pages,
    customer_id: OfCustomer = None,
    server_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[LicenseStatus | None, Query()] = None,
    q: Annotated[str | None, Query(min_length=2, max_length=100, description="A key or its end, a plan, a customer's number or address")] = None,
) -> Page[LicenseItemBody]:
    """Newest first, with what is used of each."""
    key_hash = licensing.LicenseKeys.from_secret(ctx.settings.secret_key.get_secret_value()).hash(q) if q else None
    chosen = LicenseFilter(customer_id, status, server_id, q, key_hash)
    async with ctx.database.reading(Role.WORK) as tx:
        rows = await list_licenses(tx, pages, chosen)
    return pages.page(rows, LicenseItemBody.of, lambda row: row.license.id)


@router.get("/licenses/{license_id}", operation_id="get_license", responses=problem.responses(*DENIALS, licensing.LicenseNotFound))
async def read_license(ctx: Ctx, _caller: ReadsLicenses, license_id: UUID) -> LicenseItemBody:
    """With whose it is and what is used of it."""
    async with ctx.database.reading(Role.WORK) as tx:
        return LicenseItemBody.of(await get_license(tx, license_id))


@router.get("/payments", operation_id="list_all_payments", responses=problem.responses(*DENIALS))
async def list_all_payments(
    ctx: Ctx, _caller: ReadsPayments, pages: Pages, customer_id: OfCustomer = None, state: Annotated[PaymentState | None, Query()] = None
) -> Page[PaymentItemBody]:
    """Every try at paying, newest first, with whose it was and for which order."""
    async with ctx.database.reading(Role.WORK) as tx:
        rows = await list_payments(tx, pages, customer_id=customer_id, state=state)
    return pages.page(rows, PaymentItemBody.of, lambda row: row.id)
