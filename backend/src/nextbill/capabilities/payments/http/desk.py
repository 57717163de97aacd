"""What the routes share: the gateway, who may see what, and asking the gateway about an attempt now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import structlog

from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.ports import Gateway, read_payment
from nextbill.capabilities.payments.queries import Attempt
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.vendors import VendorError
from nextbill.runtime.web.access import Caller, NotPermitted
from nextbill.runtime.web.context import Context

FindPayable = Callable[[ReadTx, Literal["order", "invoice"], UUID], Awaitable[UUID | None]]
"""The payable of an order or invoice that the transaction's role may see; None where there is none."""

Course = Literal["delivering", "unconfirmed", "held_up", "delivered", "cancelled"]


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a payment was for, as far as anybody may know who holds its address. `unconfirmed`: it waits for the e-mail address."""

    number: str
    course: Course


FindPurchase = Callable[[ReadTx, str, UUID], Awaitable[Purchase | None]]
"""The order behind a payable's reference type and id; None where there is none."""

READ_ALL = "payments.read_all"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Desk:
    gateway: Gateway
    find_payable: FindPayable

    async def settle_now(self, ctx: Context, attempt: Attempt) -> bool:
        """Reads the gateway with no transaction open and settles what it says. False where it could not be asked: the sweeper will."""
        if attempt.state in ("succeeded", "quarantined"):
            return True
        try:
            seen = await read_payment(self.gateway, session_ref=attempt.session_ref, payment_ref=attempt.payment_ref)
        except VendorError as error:
            log.warning("the gateway could not be asked", attempt_id=str(attempt.id), reason=error.reason)
            return False
        if seen is not None:
            async with ctx.database.writing(Role.WORK) as tx:
                await commands.settle(tx, attempt.id, seen=seen, policy=commands.Policy.of(ctx.settings), now=ctx.clock.now())
        return True

    async def settle_setup_now(self, ctx: Context, setup: queries.SetupView) -> None:
        """As for a payment: what the gateway says, or nothing where it could not be asked."""
        if setup.session_ref is None or setup.state == "succeeded":
            return
        try:
            seen = await self.gateway.read_setup(setup.session_ref)
        except VendorError as error:
            log.warning("the gateway could not be asked", setup_id=str(setup.id), reason=error.reason)
            return
        async with ctx.database.writing(Role.WORK) as tx:
            await commands.settle_setup(tx, setup.id, seen=seen, live=ctx.settings.live, now=ctx.clock.now())


@asynccontextmanager
async def reading(ctx: Context, caller: Caller) -> AsyncIterator[ReadTx]:
    """Row-level security shows a customer their own rows; staff need the permission to see all."""
    if caller.customer_id is None and READ_ALL not in caller.permissions:
        raise NotPermitted(f"This needs the permission {READ_ALL}.")
    role = Role.APP if caller.customer_id is not None else Role.WORK
    async with ctx.database.reading(role, customer_id=caller.customer_id) as tx:
        yield tx


async def find_attempt(ctx: Context, caller: Caller, attempt_id: UUID) -> Attempt:
    async with reading(ctx, caller) as tx:
        return await queries.get_attempt(tx, attempt_id)
