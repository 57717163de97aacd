"""A chunk that the database refused: by halves until it is known whose fault it is. Nothing of it was written, so nothing is lost by looking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.exc import DataError, IntegrityError

from nextbill.capabilities import domains, invoicing, subscriptions
from nextbill.processes.renewal.commands.course import Step, bill, bill_names
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime import bulk
from nextbill.runtime.database import Database, Role

REFUSALS: Final = (IntegrityError, DataError)
Whole = Sequence[Sequence[UUID]]
"""Subscriptions by customer: whose subscriptions are due together stay together as long as possible."""


class _Only(Exception):
    """Ends a trial: nothing of it stays."""


class Isolating:
    """Names do not ride along here: whose fault it is would be less clear. The run comes to them afterwards."""

    def __init__(self, database: Database, seller: invoicing.Seller) -> None:
        self._database, self._seller = database, seller

    async def bill(self, step: Step, customers: Whole, *, on: date, now: datetime) -> None:
        """Each half in a transaction of its own; what cannot be billed even alone is set aside with the database's word."""
        try:
            await self._try(step, [id_ for ids in customers for id_ in ids], on=on, now=now)
        except REFUSALS as error:
            if len(customers) > 1:
                half = len(customers) // 2
                await self.bill(step, customers[:half], on=on, now=now)
                await self.bill(step, customers[half:], on=on, now=now)
            else:
                await self._without_the_bad(step, customers[0], error, on=on, now=now)

    async def _without_the_bad(self, step: Step, ids: Sequence[UUID], error: Exception, *, on: date, now: datetime) -> None:
        """Of one customer: who fails alone is set aside, the others are billed together. Where none fails alone, all are."""
        bad = [id_ for id_ in ids if await self._fails(step, id_, on=on, now=now)] or list(ids)
        async with self._database.writing(Role.WORK) as tx:
            dues = await subscriptions.claim_these(tx, bad, on=on)
            asides = [subscriptions.Aside(due, "refused", _word(error)) for due in dues]
            await subscriptions.set_aside_in_run(tx, step.run_id, asides, on=on, now=now)
        rest = [id_ for id_ in ids if id_ not in bad]
        if rest:
            await self.bill(step, [rest], on=on, now=now)

    async def _fails(self, step: Step, subscription_id: UUID, *, on: date, now: datetime) -> bool:
        try:
            await self._try(step, [subscription_id], on=on, now=now, keep=False)
        except REFUSALS:
            return True
        except _Only:
            return False
        return False

    async def _try(self, step: Step, ids: Sequence[UUID], *, on: date, now: datetime, keep: bool = True) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await bulk.by_index(tx)
            await bill(tx, step, await subscriptions.claim_these(tx, ids, on=on), seller=self._seller, on=on, now=now)
            if not keep:
                await subscriptions.judge_now(tx)
                raise _Only


class IsolatingNames:
    """The same for names: each that fails alone is held with the database's word, the others are billed."""

    def __init__(self, database: Database, seller: invoicing.Seller, days: NameDays) -> None:
        self._database, self._seller, self._days = database, seller, days

    async def bill(self, run_id: UUID, ids: Sequence[UUID], *, on: date, now: datetime) -> None:
        try:
            async with self._database.writing(Role.WORK) as tx:
                await bill_names(tx, run_id, await domains.claim_these(tx, ids), self._days, seller=self._seller, on=on, now=now)
        except REFUSALS as error:
            if len(ids) > 1:
                half = len(ids) // 2
                await self.bill(run_id, ids[:half], on=on, now=now)
                await self.bill(run_id, ids[half:], on=on, now=now)
            else:
                await self._hold(run_id, ids, _word(error), now=now)

    async def _hold(self, run_id: UUID, ids: Sequence[UUID], reason: str, *, now: datetime) -> None:
        async with self._database.writing(Role.WORK) as tx:
            held = [domains.HeldName(due, reason) for due in await domains.claim_these(tx, ids)]
            await domains.hold_names(tx, held, run_id=run_id, now=now)


def _word(error: Exception) -> str:
    said = getattr(error, "orig", None) or error
    return f"The database refused it: {str(said).splitlines()[0]}"
