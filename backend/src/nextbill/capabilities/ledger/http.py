"""The books, for staff: do they balance, what an entry says, which months are closed, at which rates amounts are told in our own currency."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from nextbill.capabilities import identity
from nextbill.capabilities.ledger import queries
from nextbill.capabilities.ledger.commands import close_month, reopen_month, set_rate
from nextbill.capabilities.ledger.errors import EntryNotFound, MonthNotClosed, MonthNotOver
from nextbill.capabilities.ledger.queries import BookedEntry, BookedJournal, Rate
from nextbill.capabilities.ledger.rules import PPM
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, MoneyError
from nextbill.runtime.database import Role, Tx
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter(prefix="/admin/ledger", tags=["admin"])
MayRead = Annotated[Caller, Depends(needs("ledger.read"))]
MayClose = Annotated[Caller, Depends(needs("ledger.manage"))]
Position = Annotated[int, Path(ge=1, le=32_767)]
Month = Annotated[str, Path(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", examples=["2026-06"])]
_DENIALS = (NotAuthenticated, NotPermitted, Invalid)


class TrialBalance(BaseModel):
    """The sum of all entries by currency, in minor units. Anything but zero is a fault."""

    balances: dict[str, int] = Field(examples=[{"USD": 0}])
    balanced: bool


class MonthBody(BaseModel):
    month: str = Field(examples=["2026-06"])
    closed_by: str = Field(examples=["staff:0190f3c8-5a5c-7d2e-8f6b-0d5d5f1b2a3c"])
    closed_at: datetime


class MonthsBody(BaseModel):
    """Closed months, the youngest first. All others are open."""

    items: list[MonthBody]


class ClosingBody(Body):
    reason: str = Field(min_length=3, max_length=500, examples=["VAT return filed"])


class RateBody(Body):
    """What one unit of the currency was worth, in millionths of a unit of ours: 1 GBP = 1.27 USD is 1270000."""

    currency: str = Field(pattern="^[A-Z]{3}$", examples=["EUR"])
    day: date
    ppm: int = Field(gt=0, le=10**15, examples=[1085000])
    source: str = Field("staff", min_length=1, max_length=100, examples=["European Central Bank"])


class RateShown(RateBody):
    home_currency: str = Field(examples=["USD"])

    @classmethod
    def of(cls, rate: Rate) -> RateShown:
        return cls(currency=rate.currency, home_currency=rate.home_currency, day=rate.day, ppm=rate.ppm, source=rate.source)


class RatesBody(BaseModel):
    """The youngest first. A day without a rate takes the last one before it; without any, nothing is booked in that currency."""

    home_currency: str
    items: list[RateShown]


class EntryShown(BaseModel):
    """`position` counts a journal's entries from 1."""

    position: int
    account: str = Field(examples=["receivable"])
    amount: MoneyBody
    home: MoneyBody
    home_rate_ppm: int
    product: str | None
    customer_id: UUID | None

    @classmethod
    def of(cls, entry: BookedEntry) -> EntryShown:
        return cls(
            position=entry.position,
            account=entry.account,
            amount=MoneyBody.of(entry.amount),
            home=MoneyBody.of(entry.home),
            home_rate_ppm=entry.home_rate_ppm,
            product=entry.product,
            customer_id=entry.customer_id,
        )


class EntryReasons(BaseModel):
    """An entry with the whole journal that it is a part of, the fact that was booked, and the same in words."""

    journal_id: UUID
    entry: EntryShown
    reference_type: str = Field(examples=["invoicing.invoice"])
    reference_id: UUID
    kind: str = Field(examples=["issue"])
    description: str
    booked_on: date
    entries: list[EntryShown]
    words: list[str]


@router.get("/trial-balance", responses=problem.responses(*_DENIALS), summary="Do the books balance?")
async def trial_balance(_caller: MayRead, ctx: Ctx) -> TrialBalance:
    async with ctx.database.reading(Role.WORK) as tx:
        balances = await queries.trial_balance(tx)
    return TrialBalance(balances=balances, balanced=not any(balances.values()))


@router.get(
    "/journals/{journal_id}/entries/{position}/explain", responses=problem.responses(*_DENIALS, EntryNotFound), summary="Why an entry is in the books"
)
async def explain_entry(journal_id: UUID, position: Position, _caller: MayRead, ctx: Ctx) -> EntryReasons:
    async with ctx.database.reading(Role.WORK) as tx:
        journal = await queries.get_journal(tx, journal_id)
    entry = next((entry for entry in journal.entries if entry.position == position), None)
    if entry is None:
        raise EntryNotFound
    return EntryReasons(
        journal_id=journal.id,
        entry=EntryShown.of(entry),
        reference_type=journal.reference_type,
        reference_id=journal.reference_id,
        kind=journal.kind,
        description=journal.description,
        booked_on=journal.booked_on,
        entries=[EntryShown.of(entry) for entry in journal.entries],
        words=_words(journal),
    )


@router.get("/months", responses=problem.responses(*_DENIALS), summary="Closed months")
async def list_months(_caller: MayRead, ctx: Ctx) -> MonthsBody:
    async with ctx.database.reading(Role.WORK) as tx:
        found = await queries.closed_months(tx)
    return MonthsBody(items=[MonthBody(month=f"{item.month:%Y-%m}", closed_by=item.closed_by, closed_at=item.closed_at) for item in found])


@router.post("/months/{month}/close", responses=problem.responses(*_DENIALS, MonthNotOver), summary="Close a month")
async def close_one_month(month: Month, body: ClosingBody, caller: MayClose, ctx: Ctx) -> MonthsBody:
    """From now on the database refuses what is booked into it. Closed twice is closed."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        today = business_date(now, ctx.settings.company_time_zone)
        await close_month(tx, _first(month), today=today, actor=f"staff:{caller.login_id}", now=now)
        await _audit(tx, "ledger.month_closed", month, caller=caller, reason=body.reason, now=now)
    return await list_months(caller, ctx)


@router.post("/months/{month}/reopen", responses=problem.responses(*_DENIALS, MonthNotClosed), summary="Open a month again")
async def reopen_one_month(month: Month, body: ClosingBody, caller: MayClose, ctx: Ctx) -> MonthsBody:
    """What was filed may have to be corrected then: the reason is kept."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        await reopen_month(tx, _first(month))
        await _audit(tx, "ledger.month_reopened", month, caller=caller, reason=body.reason, now=now)
    return await list_months(caller, ctx)


@router.get("/rates", responses=problem.responses(*_DENIALS), summary="Exchange rates")
async def list_exchange_rates(_caller: MayRead, ctx: Ctx, currency: str | None = None) -> RatesBody:
    return await _rates(ctx, currency)


@router.put("/rates", responses=problem.responses(*_DENIALS), summary="Set an exchange rate")
async def set_exchange_rate(body: RateBody, caller: MayClose, ctx: Ctx) -> RatesBody:
    """For a day and, until a later one is set, after it. What is booked keeps the rate that it was booked at."""
    now, home = ctx.clock.now(), ctx.settings.currency
    if body.currency == home:
        raise Invalid(fields={"currency": f"{home} is the currency of the books"})
    try:
        Money.zero(body.currency)
    except MoneyError as error:
        raise Invalid(fields={"currency": str(error)}) from None
    async with ctx.database.writing(Role.WORK) as tx:
        await set_rate(tx, currency=body.currency, day=body.day, ppm=body.ppm, source=body.source, now=now)
        about = {"currency": body.currency, "day": body.day.isoformat(), "ppm": body.ppm}
        actor = f"staff:{caller.login_id}"
        await identity.audit(tx, actor=actor, action="ledger.rate_set", object_type="ledger.rate", object_id=body.currency, detail=about, now=now)
    return await _rates(ctx, body.currency)


async def _rates(ctx: Context, currency: str | None) -> RatesBody:
    home = ctx.settings.currency
    async with ctx.database.reading(Role.WORK) as tx:
        found = await queries.list_rates(tx, home=home, currency=currency)
    return RatesBody(home_currency=home, items=[RateShown.of(rate) for rate in found])


async def _audit(tx: Tx, action: str, month: str, *, caller: Caller, reason: str, now: datetime) -> None:
    actor = f"staff:{caller.login_id}"
    await identity.audit(tx, actor=actor, action=action, object_type="ledger.month", object_id=month, reason=reason, now=now)


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _words(journal: BookedJournal) -> list[str]:
    words = [f"{journal.description}: booked on {journal.booked_on.isoformat()} for {journal.reference_type} {journal.reference_id}."]
    for entry in journal.entries:
        side, amount = ("Debit", entry.amount) if entry.amount.minor > 0 else ("Credit", -entry.amount)
        words.append(f"{side} {entry.account.replace('_', ' ')} {amount}.")
    foreign = next((entry for entry in journal.entries if entry.home_rate_ppm != PPM), None)
    if foreign is not None:
        rate = f"{foreign.home_rate_ppm // PPM}.{foreign.home_rate_ppm % PPM:06d}"
        words.append(f"1 {foreign.amount.currency} was {rate} {foreign.home.currency} on that day.")
    return words
