"""A chunk that failed: by halves until it is known whose fault it is. Nothing of it was written, so nothing is lost by looking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from nextbill.capabilities import domains, invoicing, subscriptions
from nextbill.kernel.errors import Problem
from nextbill.processes.renewal.commands.course import Step, bill, bill_names
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime import bulk, jobs
from nextbill.runtime.database import Database, Role

NOBODYS: Final = (OperationalError, InterfaceError, OSError, jobs.RetryLater)
"""A lost connection, a lock that was waited for too long: the same chunk is tried again as it is."""
FEW: Final = 20
"""Where nothing at all can be billed, and more than so many fail or all of them over the same, it is something that all of them need: a month that is closed."""
Whole = Sequence[Sequence[UUID]]
"""Subscriptions by customer: whose subscriptions are due together stay together as long as possible."""
log = structlog.get_logger()


class _Only(Exception):
    """Ends a trial: nothing of it stays."""


@dataclass(slots=True)
class _Tally:
    """What an isolation has come to so far. `bad`: what fails by itself, and over what."""

    billed: int = 0
    bad: list[tuple[UUID, Exception]] = field(default_factory=list)

    def judge(self) -> None:
        """Raises what all failed over, where that is no row's fault: nothing is set aside, the job fails and staff sees it."""
        if self.billed or not self.bad:
            return
        error = self.bad[0][1]
        same = len(self.bad) > 1 and not isinstance(error, DBAPIError) and len({_word(one) for _, one in self.bad}) == 1
        if same or len(self.bad) > FEW:
            raise error


class Isolating:
    """Names do not ride along here: whose fault it is would be less clear. The run comes to them afterwards."""

    def __init__(self, database: Database, seller: invoicing.Seller) -> None:
        self._database, self._seller = database, seller

    async def bill(self, step: Step, customers: Whole, *, on: date, now: datetime) -> None:
        """Each half in a transaction of its own; what cannot be billed even alone is set aside with its reason, at the end."""
        tally = _Tally()
        await self._halve(step, customers, tally, on=on, now=now)
        tally.judge()
        await self._set_aside(step, tally, on=on, now=now)

    async def _halve(self, step: Step, customers: Whole, tally: _Tally, *, on: date, now: datetime) -> None:
        try:
            tally.billed += await self._try(step, [id_ for ids in customers for id_ in ids], on=on, now=now)
        except NOBODYS:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is: the others are not to wait for it
            if len(customers) > 1:
                half = len(customers) // 2
                await self._halve(step, customers[:half], tally, on=on, now=now)
                await self._halve(step, customers[half:], tally, on=on, now=now)
            else:
                await self._without_the_bad(step, customers[0], error, tally, on=on, now=now)

    async def _without_the_bad(self, step: Step, ids: Sequence[UUID], error: Exception, tally: _Tally, *, on: date, now: datetime) -> None:
        """Of one customer: who fails alone is bad, the others are billed together. Where none fails alone, all are bad."""
        alone = [(id_, failed) for id_ in ids if (failed := await self._fails(step, id_, on=on, now=now)) is not None]
        bad = alone or [(id_, error) for id_ in ids]
        tally.bad += bad
        rest = [id_ for id_ in ids if id_ not in {id_ for id_, _ in bad}]
        if rest:
            await self._halve(step, [rest], tally, on=on, now=now)

    async def _set_aside(self, step: Step, tally: _Tally, *, on: date, now: datetime) -> None:
        errors = dict(tally.bad)
        async with self._database.writing(Role.WORK) as tx:
            claimed = await subscriptions.claim_these(tx, list(errors), on=on)
            asides = [subscriptions.Aside.of(due, "refused", _word(errors[due.id])) for due in claimed.due]
            await subscriptions.set_aside_in_run(tx, step.run_id, [*asides, *claimed.unfit], on=on, now=now)
        for aside in asides:
            error = errors[aside.subscription_id]
            log.error("a subscription could not be billed", subscription_id=str(aside.subscription_id), exc_info=error)

    async def _fails(self, step: Step, subscription_id: UUID, *, on: date, now: datetime) -> Exception | None:
        try:
            await self._try(step, [subscription_id], on=on, now=now, keep=False)
        except _Only:
            return None
        except NOBODYS:
            raise
        except Exception as error:  # noqa: BLE001  # it is told as the reason
            return error
        return None

    async def _try(self, step: Step, ids: Sequence[UUID], *, on: date, now: datetime, keep: bool = True) -> int:
        """How many were due still."""
        async with self._database.writing(Role.WORK) as tx:
            await bulk.by_index(tx)
            claimed = await subscriptions.claim_these(tx, ids, on=on)
            await bill(tx, step, claimed, seller=self._seller, on=on, now=now)
            if not keep:
                await subscriptions.judge_now(tx)
                raise _Only
            return len(claimed.due)


class IsolatingNames:
    """The same for names: each that fails alone is held with its reason, the others are billed."""

    def __init__(self, database: Database, seller: invoicing.Seller, days: NameDays) -> None:
        self._database, self._seller, self._days = database, seller, days

    async def bill(self, run_id: UUID, ids: Sequence[UUID], *, on: date, now: datetime) -> None:
        tally = _Tally()
        await self._halve(run_id, ids, tally, on=on, now=now)
        tally.judge()
        await self._hold(run_id, tally, now=now)

    async def _halve(self, run_id: UUID, ids: Sequence[UUID], tally: _Tally, *, on: date, now: datetime) -> None:
        try:
            async with self._database.writing(Role.WORK) as tx:
                dues = await domains.claim_these(tx, ids)
                await bill_names(tx, run_id, dues, self._days, seller=self._seller, on=on, now=now)
            tally.billed += len(dues)
        except NOBODYS:
            raise
        except Exception as error:  # noqa: BLE001  # as above
            if len(ids) > 1:
                half = len(ids) // 2
                await self._halve(run_id, ids[:half], tally, on=on, now=now)
                await self._halve(run_id, ids[half:], tally, on=on, now=now)
            else:
                tally.bad += [(id_, error) for id_ in ids]

    async def _hold(self, run_id: UUID, tally: _Tally, *, now: datetime) -> None:
        errors = dict(tally.bad)
        async with self._database.writing(Role.WORK) as tx:
            held = [domains.HeldName(due, _word(errors[due.id])) for due in await domains.claim_these(tx, list(errors))]
            await domains.hold_names(tx, held, run_id=run_id, now=now)
        for name in held:
            log.error("a name could not be billed", renewal_id=str(name.due.id), exc_info=errors[name.due.id])


def _word(error: Exception) -> str:
    if isinstance(error, Problem):
        return error.detail
    if isinstance(error, DBAPIError):
        return f"The database refused it: {str(error.orig or error).splitlines()[0]}"
    return f"It could not be billed: {type(error).__name__}: {error}".splitlines()[0]
