"""Whose shop this is: what the portal shows on every page, from the settings. Anybody may read and keep it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from nextbill.kernel.clock import business_date
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web.context import Ctx

KEPT_SECONDS = 300
Told = Callable[[ReadTx, date], Awaitable[bool]]


class CompanyBody(BaseModel):
    """`terms_version`: of the terms that a checkout shows, to be sent as `consent.terms_version`. `logo_url`: an address, or a path of the portal.
    `prices_include_tax`: at home nothing is added to a price on show. `sandbox`: no real money moves, and the clock can be moved.
    `now`: the shop's time when this was answered; a sandbox may be days ahead of the machine's."""

    name: str = Field(examples=["Example Hosting"])
    address: str = Field(examples=["1 Example Street, 10115 Berlin, DE"])
    country: str = Field(examples=["DE"])
    email: str = Field(examples=["billing@example.com"])
    currency: str = Field(examples=["USD"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    accent_color: str = Field(examples=["#2f5fd0"])
    logo_url: str | None = Field(examples=["/logo.svg"])
    terms_version: str = Field(examples=["2026-11"])
    prices_include_tax: bool
    sandbox: bool
    now: datetime


def make_router(prices_include_tax: Told) -> APIRouter:
    """`prices_include_tax`: on a day of the seller's, which only whoever knows of tax can tell."""
    router = APIRouter(tags=["company"])

    @router.get("/company")
    async def read_company(ctx: Ctx, response: Response) -> CompanyBody:
        """Name, address, currency and looks of the shop. May be kept for five minutes, by proxies too."""
        response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
        house, now = ctx.settings, ctx.clock.now()
        async with ctx.database.reading(Role.APP) as tx:
            included = await prices_include_tax(tx, business_date(now, house.company_time_zone))
        return CompanyBody(
            name=house.company_name,
            address=house.company_address,
            country=house.company_country,
            email=house.company_email,
            currency=house.currency,
            time_zone=house.company_time_zone,
            accent_color=house.company_accent_color,
            logo_url=house.company_logo_url,
            terms_version=house.terms_version,
            prices_include_tax=included,
            sandbox=house.nextbill_mode == "sandbox",
            now=now,
        )

    return router
