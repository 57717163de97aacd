"""What is used of a license: for its owner, for staff, and for the panel that it is used at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.errors import LicenseNotFound
from nextbill.capabilities.licensing.http.bodies import (
    AlertBody,
    ReportLineBody,
    UsageDayBody,
    UsageHistoryBody,
    UsageQuotaBody,
    UsageReportBody,
)
from nextbill.capabilities.licensing.queries.licenses import License, LicenseKeys, get_license, license_of_key
from nextbill.capabilities.licensing.queries.usage import list_alerts, reported, usage_by_day
from nextbill.capabilities.licensing.rules.usage import HISTORY_DAYS_MAX, month_of
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
"""Beyond them nothing is recorded, and days can't be counted on without end."""

PERMISSION, STAFFS = "usage", "licenses.read_all"
_REFUSALS = problem.responses(
    NotAuthenticated, NotPermitted, LicenseNotFound, Invalid, identity.PanelRefused, identity.PanelKeyInvalid, identity.PanelNotPermitted
)
Resource = Annotated[str | None, Query(min_length=1, max_length=64, examples=["databases"])]
From = Annotated[date | None, Query(alias="from", description="The first day; 30 days before the last one where left out")]
To = Annotated[date | None, Query(alias="to", description="The last day; today where left out")]


@dataclass(frozen=True, slots=True)
class Asker:
    """Either somebody who is logged in, or a panel."""

    person: Caller | None
    panel: identity.PanelCaller | None

    @asynccontextmanager
    async def reading(self, ctx: Ctx) -> AsyncIterator[ReadTx]:
        """Customers in their own role, which sees their rows only."""
        person = self.person
        own = person.customer_id if person else None
        async with ctx.database.reading(Role.APP if own else Role.WORK, customer_id=own) as tx:
            yield tx

    def check(self, found: License) -> License:
        """A panel asks about its own server's licenses; of others it learns nothing."""
        panel = self.panel
        if panel and panel.server_id is not None and found.server_id not in (None, panel.server_id):
            raise LicenseNotFound
        return found


def make_usage_router(keys: LicenseKeys) -> APIRouter:
    router = APIRouter(prefix="/usage", tags=["usage"])
    _quota(router, keys)
    _over_time(router)
    _alerts(router)
    return router


async def asker(ctx: Ctx, request: Request) -> Asker:
    """By X-API-Key a panel, else by login."""
    if "x-api-key" in request.headers:
        return Asker(None, await _panel(ctx, request))
    person: Caller | None = await request.app.state.authenticate(request)
    if person is None:
        raise NotAuthenticated("Send the access token as `Authorization: Bearer …`, or a panel's API key.")
    request.state.caller = person
    if person.is_staff and STAFFS not in person.permissions:
        raise NotPermitted(f"This needs the permission {STAFFS}.")
    return Asker(person, None)


async def _panel(ctx: Ctx, request: Request) -> identity.PanelCaller:
    query = f"?{request.url.query}" if request.url.query else ""
    asked = identity.PanelRequest.of(
        request.headers,
        method=request.method,
        path_and_query=request.url.path + query,
        body=await request.body(),
        address=request.client.host if request.client else "",
    )
    async with ctx.database.reading(Role.LICENSE) as tx:
        panel = await identity.authenticate_panel(tx, asked, now=ctx.clock.now(), cipher=ctx.cipher)
    panel.require(PERMISSION)
    return panel


AskedBy = Annotated[Asker, Depends(asker)]
OfLicense = Annotated[UUID, Query()]


def _quota(router: APIRouter, keys: LicenseKeys) -> None:
    @router.get("/quota", responses=_REFUSALS)
    async def get_usage_quota(
        ctx: Ctx,
        by: AskedBy,
        license_id: Annotated[UUID | None, Query()] = None,
        x_license_key: Annotated[str | None, Header(max_length=64, description="For panels: instead of license_id")] = None,
    ) -> UsageQuotaBody:
        """What the license allows, and what of it is used and reserved now."""
        async with by.reading(ctx) as tx:
            if license_id is not None:
                found = by.check(await get_license(tx, license_id))
            elif x_license_key and by.panel:
                found = by.check(await license_of_key(tx, keys.hash(x_license_key)))
            else:
                raise Invalid(fields={"license_id": "this field is needed"})
        return UsageQuotaBody.of(found, month=month_of(business_date(ctx.clock.now(), ctx.settings.company_time_zone)))


def _over_time(router: APIRouter) -> None:
    @router.get("/report", responses=_REFUSALS)
    async def get_usage_report(ctx: Ctx, by: AskedBy, license_id: OfLicense, first: From = None, last: To = None) -> UsageReportBody:
        """What came and went of each resource between two days."""
        first, last = _days(ctx, first, last)
        zone = ctx.settings.company_time_zone
        async with by.reading(ctx) as tx:
            found = by.check(await get_license(tx, license_id))
            days = await usage_by_day(tx, license_id=license_id, first=first, last=last, zone=zone)
        lines = [ReportLineBody.of(line) for line in reported(list(found.quotas.items()), days)]
        return UsageReportBody(license_id=license_id, from_day=first, to_day=last, resources=lines)

    @router.get("/history/{license_id}", responses=_REFUSALS)
    async def get_usage_history(
        ctx: Ctx, by: AskedBy, license_id: UUID, resource: Resource = None, first: From = None, last: To = None
    ) -> UsageHistoryBody:
        """By day, oldest first; days without a change are left out."""
        first, last = _days(ctx, first, last)
        zone = ctx.settings.company_time_zone
        async with by.reading(ctx) as tx:
            by.check(await get_license(tx, license_id))
            days = await usage_by_day(tx, license_id=license_id, first=first, last=last, zone=zone, resource=resource)
        return UsageHistoryBody(license_id=license_id, from_day=first, to_day=last, days=[UsageDayBody.of(day) for day in days])


def _alerts(router: APIRouter) -> None:
    @router.get("/alerts", responses=_REFUSALS)
    async def list_usage_alerts(ctx: Ctx, by: AskedBy, pages: Pages, license_id: Annotated[UUID | None, Query()] = None) -> Page[AlertBody]:
        """Newest first: when 80, 90 and 100 percent of a limit were reached."""
        async with by.reading(ctx) as tx:
            if license_id is not None:
                by.check(await get_license(tx, license_id))
            elif by.panel:
                raise Invalid(fields={"license_id": "this field is needed"})
            found = await list_alerts(tx, paging=pages, license_id=license_id)
        return pages.page(found, AlertBody.of, lambda one: one.id)


def _days(ctx: Ctx, first: date | None, last: date | None) -> tuple[date, date]:
    today = business_date(ctx.clock.now(), ctx.settings.company_time_zone)
    last = last or today
    if not FIRST_DAY <= last <= LAST_DAY:
        raise Invalid(fields={"to": f"a day from {FIRST_DAY} to {LAST_DAY}"})
    first = first or last - timedelta(days=29)
    if first > last:
        raise Invalid(fields={"from": "a day that is not after `to`"})
    if (last - first).days >= HISTORY_DAYS_MAX:
        raise Invalid(fields={"from": f"at most {HISTORY_DAYS_MAX} days in one answer"})
    return first, last
