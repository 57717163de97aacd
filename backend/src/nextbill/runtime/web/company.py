"""Whose shop this is: what the portal shows on every page, from the settings. Anybody may read and keep it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from nextbill.runtime.web.context import Ctx

router = APIRouter(tags=["company"])
KEPT_SECONDS = 300


class CompanyBody(BaseModel):
    """`terms_version`: of the terms that a checkout shows, to be sent as `consent.terms_version`. `logo_url`: an address, or a path of the portal."""

    name: str = Field(examples=["Example Hosting"])
    address: str = Field(examples=["1 Example Street, 10115 Berlin, DE"])
    country: str = Field(examples=["DE"])
    email: str = Field(examples=["billing@example.com"])
    currency: str = Field(examples=["USD"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    accent_color: str = Field(examples=["#2f5fd0"])
    logo_url: str | None = Field(examples=["/logo.svg"])
    terms_version: str = Field(examples=["2026-11"])


@router.get("/company")
async def read_company(ctx: Ctx, response: Response) -> CompanyBody:
    """Name, address, currency and looks of the shop. May be kept for five minutes, by proxies too."""
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    house = ctx.settings
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
    )
