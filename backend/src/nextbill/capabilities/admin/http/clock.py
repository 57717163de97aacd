"""Staff: the sandbox's clock. Everything due is done on the way, as if the days had passed; in live mode there is no such thing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from nextbill.capabilities import identity
from nextbill.kernel.errors import Invalid
from nextbill.runtime import travel
from nextbill.runtime.database import Role, Tx
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Ctx

MovesClock = Annotated[Caller, Depends(needs("settings.manage"))]
ReadsJobs = Annotated[Caller, Depends(needs("jobs.read"))]
DENIALS = (NotAuthenticated, NotPermitted, Invalid, travel.ClockFixed)

router = APIRouter(prefix="/clock")


class ClockBody(BaseModel):
    """`ahead_seconds`: of the machine's clock. `until`: where it is being moved to. `at_work`: due jobs that are not done yet."""

    now: datetime
    ahead_seconds: float
    until: datetime | None
    at_work: int

    @classmethod
    def of(cls, found: travel.Journey) -> ClockBody:
        return cls(now=found.now, ahead_seconds=found.offset.total_seconds(), until=found.until, at_work=found.at_work)


class AdvanceBody(BaseModel):
    """Either `days` from now or the moment."""

    days: int | None = Field(default=None, ge=1, le=1830, examples=[32])
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one(self) -> AdvanceBody:
        if (self.days is None) == (self.until is None):
            raise ValueError("Name either days or until.")
        return self


@router.get("", operation_id="show_clock", responses=problem.responses(*DENIALS))
async def show_clock(ctx: Ctx, _caller: ReadsJobs) -> ClockBody:
    """What time it is for the business, and whether it is being moved."""
    async with ctx.database.reading(Role.WORK) as tx:
        return ClockBody.of(await travel.journey(tx, ctx.clock))


@router.post("/advance", operation_id="advance_clock", status_code=202, responses=problem.responses(*DENIALS, travel.ClockMoving))
async def advance_clock(ctx: Ctx, caller: MovesClock, body: AdvanceBody) -> ClockBody:
    """Moves the clock of the product and of the simulators, a day at a time; each day's work is done before the next begins. Logins end in that time too."""
    until = body.until or ctx.clock.now() + timedelta(days=body.days or 0)
    async with ctx.database.writing(Role.WORK) as tx:
        await travel.set_out(tx, ctx.clock, until=until)
        await _audit(tx, caller, until=until, now=ctx.clock.now())
    async with ctx.database.reading(Role.WORK) as tx:
        return ClockBody.of(await travel.journey(tx, ctx.clock))


async def _audit(tx: Tx, caller: Caller, *, until: datetime, now: datetime) -> None:
    await identity.audit(
        tx,
        actor=f"staff:{caller.login_id}",
        action="clock.advanced",
        object_type="runtime.clock",
        object_id="clock",
        reason="",
        detail={"until": until.isoformat()},
        now=now,
    )
