"""Staff: what the VAT book says. Amounts are in the home currency."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from nextbill.capabilities import identity
from nextbill.capabilities.tax.commands.sales import open_threshold
from nextbill.capabilities.tax.errors import TaxRateMissing
from nextbill.capabilities.tax.queries.book import ReturnLine, oss_return, reverse_charges
from nextbill.capabilities.tax.queries.book import quarter as read_quarter
from nextbill.capabilities.tax.queries.policies import policy_on
from nextbill.capabilities.tax.queries.threshold import threshold_of
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter(prefix="/admin/tax", tags=["admin"])
Reader = Annotated[Caller, Depends(needs("tax.read"))]
Manager = Annotated[Caller, Depends(needs("tax.manage"))]
_DENIALS = (NotAuthenticated, NotPermitted, Invalid)
QuarterText = Annotated[str, Query(max_length=8, examples=["2026-Q4"])]


class ReturnLineBody(BaseModel):
    country: str = Field(examples=["FR"])
    rate_ppm: int = Field(examples=[200000])
    net: MoneyBody
    tax: MoneyBody
    documents: int


class ReturnBody(BaseModel):
    """What goes into the one-stop shop's return of a quarter: supplies taxed where consumers are, less what was credited in it."""

    quarter: str
    lines: list[ReturnLineBody]


class ReverseChargeBody(BaseModel):
    tax_id: str | None
    country: str
    net: MoneyBody
    documents: int


class ReverseChargesBody(BaseModel):
    """Supplies to businesses in other member states in a quarter, for the recapitulative statement."""

    quarter: str
    lines: list[ReverseChargeBody]


class ThresholdBody(BaseModel):
    """Supplies to consumers in other member states in the calendar year. `past`: the next one is taxed where its buyer is.

    `highest` is the most that the sum has been: what was crossed stays crossed, and counts for the next year. `limit` is missing where nobody has
    entered it in the policy: then each such supply is taxed where its buyer is."""

    year: int
    total: MoneyBody
    highest: MoneyBody
    last_year_highest: MoneyBody
    limit: MoneyBody | None
    past: bool


class OpeningBody(Body):
    """What had been sold before, by another program, in home currency."""

    year: int = Field(ge=2000, le=2200)
    amount: int = Field(ge=-(10**15), le=10**15, strict=True)
    reason: str = Field(min_length=1, max_length=500)


@router.get("/oss", responses=problem.responses(*_DENIALS), summary="The one-stop shop's return")
async def show_return(ctx: Ctx, _caller: Reader, quarter: QuarterText) -> ReturnBody:
    lines = [
        ReturnLineBody(country=line.country, rate_ppm=line.rate_ppm, documents=line.documents, **_money(line)) for line in await _lines(ctx, quarter)
    ]
    return ReturnBody(quarter=quarter, lines=lines)


@router.get("/oss.csv", response_class=Response, responses=problem.responses(*_DENIALS), summary="The one-stop shop's return as CSV")
async def download_return(ctx: Ctx, _caller: Reader, quarter: QuarterText) -> Response:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["quarter", "country", "rate_percent", "net", "tax", "currency", "documents"])
    for line in await _lines(ctx, quarter):
        net, tax = (Money(minor, line.home_currency).decimal for minor in (line.net_minor, line.tax_minor))
        writer.writerow([quarter, line.country, f"{line.rate_ppm / 10_000:g}", f"{net:f}", f"{tax:f}", line.home_currency, line.documents])
    headers = {"Content-Disposition": f'attachment; filename="oss-{quarter}.csv"'}
    return Response(text.getvalue(), media_type="text/csv", headers=headers)


@router.get("/reverse-charge", responses=problem.responses(*_DENIALS), summary="Supplies by reverse charge")
async def show_reverse_charges(ctx: Ctx, _caller: Reader, quarter: QuarterText) -> ReverseChargesBody:
    period = read_quarter(quarter)
    async with ctx.database.reading(Role.WORK) as tx:
        found = await reverse_charges(tx, period)
    lines = [
        ReverseChargeBody(
            tax_id=line.tax_id, country=line.country, net=MoneyBody(amount=line.net_minor, currency=line.home_currency), documents=line.documents
        )
        for line in found
    ]
    return ReverseChargesBody(quarter=quarter, lines=lines)


@router.get("/threshold", responses=problem.responses(*_DENIALS, TaxRateMissing), summary="How near is the Union's threshold?")
async def show_threshold(ctx: Ctx, _caller: Reader) -> ThresholdBody | None:
    """Null where the shop has no policy."""
    return await _threshold(ctx, _today(ctx))


@router.post("/threshold/opening", status_code=201, responses=problem.responses(*_DENIALS), summary="Enter what was sold before")
async def enter_opening(body: OpeningBody, ctx: Ctx, caller: Manager) -> ThresholdBody | None:
    """Adds to the year's sum; a mistake is taken back with the same amount below zero."""
    entry_id, now = new_id(), ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        policy = await policy_on(tx, _today(ctx))
        if policy is None:
            raise Invalid("Make a tax policy first: it says what the home currency is.")
        amount = Money(body.amount, policy.home_currency)
        await open_threshold(tx, year=body.year, amount=amount, seller_country=policy.seller_country, entry_id=entry_id, now=now)
        subject: dict[str, Any] = {
            "object_type": "tax_sale",
            "object_id": entry_id,
            "reason": body.reason,
            "detail": {"year": body.year, "amount": body.amount},
        }
        await identity.audit(tx, actor=f"staff:{caller.login_id}", action="tax.threshold_opened", **subject, now=now)
    return await _threshold(ctx, date(body.year, 12, 31))


async def _threshold(ctx: Context, on: date) -> ThresholdBody | None:
    async with ctx.database.reading(Role.WORK) as tx:
        policy = await policy_on(tx, _today(ctx))
        if policy is None:
            return None
        found = await threshold_of(tx, on, policy)

    def money(minor: int) -> MoneyBody:
        return MoneyBody(amount=minor, currency=policy.home_currency)

    return ThresholdBody(
        year=found.year,
        total=money(found.total),
        highest=money(found.highest),
        last_year_highest=money(found.last_year_highest),
        limit=money(found.limit) if found.limit is not None else None,
        past=found.past(None, policy.home_currency),
    )


async def _lines(ctx: Context, text: str) -> list[ReturnLine]:
    period = read_quarter(text)
    async with ctx.database.reading(Role.WORK) as tx:
        return await oss_return(tx, period)


def _money(line: ReturnLine) -> dict[str, MoneyBody]:
    return {name: MoneyBody(amount=minor, currency=line.home_currency) for name, minor in (("net", line.net_minor), ("tax", line.tax_minor))}


def _today(ctx: Context) -> date:
    return business_date(ctx.clock.now(), ctx.settings.company_time_zone)
