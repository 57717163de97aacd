"""A chunk that failed: by halves until it is known whose fault it is. Nothing of it was written, so nothing is lost by looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from nextbill.capabilities import domains, ledger, subscriptions
from nextbill.kernel.errors import Problem
from nextbill.processes.renewal.commands.course import Step, bill, bill_names
from nextbill.processes.renewal.commands.writing import Issuer
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime import bulk, jobs
from nextbill.runtime.database import Database, Role

FEW: Final = 20
"""More customers than that, of a run that has billed nobody yet, all of whom fail: it is no row's fault but something that all of them need."""
Whole = Sequence[Sequence[UUID]]
"""Subscriptions by customer: whose subscriptions are due together stay together as long as possible."""
log = structlog.get_logger()


def is_a_rows(error: Exception) -> bool:
    """Whether it may be the fault of a row. A lost connection, a lock that was waited for too long, a month that is closed, a statement that does not fit
    the schema are nobody's: the same chunk is tried again as it is."""
    if isinstance(error, DBAPIError):
        return isinstance(error, (IntegrityError, DataError))
    return not isinstance(error, (OSError, NoConnection, jobs.RetryLater, ledger.MonthClosed))


class _Only(Exception):
    """Ends a trial: nothing of it stays."""


@dataclass(slots=True)
class _Tally:
    """What an isolation has come to so far. `begun`: somebody has been billed in this run or isolation. `bad`: what fails by itself, and over what."""

    begun: bool
    bad: dict[UUID, Exception] = field(default_factory=dict)
    blamed: int = 0

    def blame(self, bad: Mapping[UUID, Exception]) -> None:
        """Of one customer. Raises what all have failed over so far, where that seems to be no row's fault: nobody is set aside, the job fails, staff sees it."""
        self.bad |= bad
        self.blamed += 1
        if not self.begun and self.blamed > FEW:
            raise next(iter(self.bad.values()))


@dataclass(slots=True)
class _Trial:
    """`claimed`: so many were due still and held by nobody else. `lines`: so many went on an invoice. `error`: what it failed over."""

    claimed: int = 0
    lines: int = 0
    error: Exception | None = None


class Isolating:
    """Names do not ride along here: whose fault it is would be less clear. The run comes to them afterwards."""

    def __init__(self, database: Database, issuer: Issuer) -> None:
        self._database, self._issuer = database, issuer

    async def bill(self, step: Step, customers: Whole, *, on: date, now: datetime) -> None:
        """Each half in a transaction of its own; what cannot be billed even alone is set aside with its reason, at the end."""
        tally = await _tally(self._database, step.run_id)
        # Mixed by the random end of their ids: bad ones stand together often, and the first few are to speak for all.
        await self._halve(step, sorted(customers, key=lambda ids: ids[0].bytes[::-1]), tally, on=on, now=now)
        await self._set_aside(step, tally.bad, on=on, now=now)

    async def _halve(self, step: Step, customers: Whole, tally: _Tally, *, on: date, now: datetime) -> None:
        trial = await self._try(step, [id_ for ids in customers for id_ in ids], on=on, now=now)
        tally.begun = tally.begun or trial.lines > 0
        if trial.error is None:
            return
        if len(customers) > 1:
            half = len(customers) // 2
            await self._halve(step, customers[:half], tally, on=on, now=now)
            await self._halve(step, customers[half:], tally, on=on, now=now)
        else:
            await self._without_the_bad(step, customers[0], trial.error, tally, on=on, now=now)

    async def _without_the_bad(self, step: Step, ids: Sequence[UUID], error: Exception, tally: _Tally, *, on: date, now: datetime) -> None:
        """Of one customer: who fails alone is bad, the others are billed together. Where none fails alone but all together, all are bad; where others held
        one of them this moment, nobody knows: the customer is left to the next pass."""
        trials = {id_: await self._try(step, [id_], on=on, now=now, keep=False) for id_ in ids}
        bad = {id_: trial.error for id_, trial in trials.items() if trial.error is not None}
        if not bad and any(not trial.claimed for trial in trials.values()):
            return
        tally.blame(bad or dict.fromkeys(ids, error))
        rest = [id_ for id_ in ids if bad and id_ not in bad]
        if rest:
            await self._halve(step, [rest], tally, on=on, now=now)

    async def _set_aside(self, step: Step, bad: Mapping[UUID, Exception], *, on: date, now: datetime) -> None:
        async with self._database.writing(Role.WORK) as tx:
            claimed = await subscriptions.claim_these(tx, list(bad), on=on)
            asides = [subscriptions.Aside.of(due, "refused", _word(bad[due.id])) for due in claimed.due]
            await subscriptions.set_aside_in_run(tx, step.run_id, [*asides, *claimed.unfit], on=on, now=now)
        for aside in asides:
            _log("a subscription could not be billed", bad[aside.subscription_id], subscription_id=str(aside.subscription_id))

    async def _try(self, step: Step, ids: Sequence[UUID], *, on: date, now: datetime, keep: bool = True) -> _Trial:
        """`keep`: else nothing of it stays. What is nobody's fault is raised."""
        trial = _Trial()
        try:
            async with self._database.writing(Role.WORK) as tx:
                await bulk.by_index(tx)
                claimed = await subscriptions.claim_these(tx, ids, on=on)
                trial.claimed = len(claimed.due) + len(claimed.unfit)
                lines = await bill(tx, step, claimed, issuer=self._issuer, on=on, now=now)
                if not keep:
                    await subscriptions.judge_now(tx)
                    raise _Only
            trial.lines = lines
        except _Only:
            return trial
        except Exception as error:
            if not is_a_rows(error):
                raise
            trial.error = error
        return trial


class IsolatingNames:
    """The same for names: each that fails alone is held with its reason, the others are billed."""

    def __init__(self, database: Database, issuer: Issuer, days: NameDays) -> None:
        self._database, self._issuer, self._days = database, issuer, days

    async def bill(self, run_id: UUID, ids: Sequence[UUID], *, on: date, now: datetime) -> None:
        tally = await _tally(self._database, run_id)
        await self._halve(run_id, sorted(ids, key=lambda id_: id_.bytes[::-1]), tally, on=on, now=now)
        await self._hold(run_id, tally.bad, now=now)

    async def _halve(self, run_id: UUID, ids: Sequence[UUID], tally: _Tally, *, on: date, now: datetime) -> None:
        trial = await self._try(run_id, ids, on=on, now=now)
        tally.begun = tally.begun or trial.lines > 0
        if trial.error is None:
            return
        if len(ids) > 1:
            half = len(ids) // 2
            await self._halve(run_id, ids[:half], tally, on=on, now=now)
            await self._halve(run_id, ids[half:], tally, on=on, now=now)
        else:
            tally.blame(dict.fromkeys(ids, trial.error))

    async def _try(self, run_id: UUID, ids: Sequence[UUID], *, on: date, now: datetime) -> _Trial:
        trial = _Trial()
        try:
            async with self._database.writing(Role.WORK) as tx:
                dues = await domains.claim_these(tx, ids)
                lines = await bill_names(tx, run_id, dues, self._days, issuer=self._issuer, on=on, now=now)
            trial.claimed, trial.lines = len(dues), lines
        except Exception as error:
            if not is_a_rows(error):
                raise
            trial.error = error
        return trial

    async def _hold(self, run_id: UUID, bad: Mapping[UUID, Exception], *, now: datetime) -> None:
        async with self._database.writing(Role.WORK) as tx:
            held = [domains.HeldName(due, _word(bad[due.id])) for due in await domains.claim_these(tx, list(bad))]
            await domains.hold_names(tx, held, run_id=run_id, now=now)
        for name in held:
            _log("a name could not be billed", bad[name.due.id], domain_id=str(name.due.id))


async def _tally(database: Database, run_id: UUID) -> _Tally:
    """What the run has billed before counts: of a chunk that was cut off, only the bad may be left."""
    async with database.reading(Role.WORK) as tx:
        return _Tally(begun=await subscriptions.has_billed(tx, run_id))


def _log(event: str, error: Exception, **whose: str) -> None:
    """With its course where nobody foresaw it; what the database refuses says enough by itself."""
    foreseen = isinstance(error, (DBAPIError, Problem))
    log.error(event, **whose, reason=_word(error), exc_info=None if foreseen else error)


def _word(error: Exception) -> str:
    if isinstance(error, Problem):
        return error.detail
    if isinstance(error, DBAPIError):
        return f"The database refused it: {str(error.orig or error).splitlines()[0]}"
    return f"It could not be billed: {type(error).__name__}: {error}".splitlines()[0]
