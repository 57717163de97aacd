"""The books, for staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from nextbill.capabilities.ledger import queries
from nextbill.runtime.database import Role
from nextbill.runtime.web.access import Caller, needs
from nextbill.runtime.web.context import Ctx

router = APIRouter(prefix="/admin/ledger", tags=["admin"])
MayRead = Annotated[Caller, Depends(needs("ledger.read"))]


class TrialBalance(BaseModel):
    """The sum of all entries by currency, in minor units. Anything but zero is a fault."""

    balances: dict[str, int] = Field(examples=[{"USD": 0}])
    balanced: bool


@router.get("/trial-balance", summary="Do the books balance?")
async def trial_balance(_caller: MayRead, ctx: Ctx) -> TrialBalance:
    async with ctx.database.reading(Role.WORK) as tx:
        balances = await queries.trial_balance(tx)
    return TrialBalance(balances=balances, balanced=not any(balances.values()))
