"""What identity does by itself: asks for the reset mail, forgets what is long over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from nextbill.capabilities.identity.commands.logins import ASKED_FOR_RESET, request_password_reset
from nextbill.capabilities.identity.commands.one_time_tokens import prune_tokens
from nextbill.capabilities.identity.commands.sessions import prune_sessions
from nextbill.capabilities.identity.commands.throttle import prune_throttle
from nextbill.runtime import jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.worker import Tick


def handlers(database: Database) -> Mapping[str, jobs.Handler]:
    async def asked_for_reset(payload: jobs.Payload, context: jobs.JobContext) -> None:
        """Nobody's address: nothing to do, and nobody was told so."""
        if payload["login_id"] is None:
            return
        async with database.writing(Role.WORK) as tx:
            await request_password_reset(tx, login_id=UUID(payload["login_id"]), now=context.now)

    return {ASKED_FOR_RESET: asked_for_reset}


async def prune(tx: Tx, *, now: datetime) -> None:
    await prune_throttle(tx, now=now)
    await prune_tokens(tx, now=now)
    await prune_sessions(tx, now=now)


TICKS = (Tick("identity.prune", timedelta(hours=1), prune),)
