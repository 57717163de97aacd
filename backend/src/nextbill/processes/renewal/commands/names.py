"""Names in the run: those that ride along with their customer's other lines, those that are due by themselves, and what is written of both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from nextbill.capabilities import domains, invoicing
from nextbill.processes.renewal.commands.planning import Plan
from nextbill.processes.renewal.queries import FoundNames, find_names
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime.database import ReadTx, Tx


async def riding(tx: Tx, customer_ids: Collection[UUID], *, on: date, days: NameDays) -> FoundNames:
    """What else these customers have that may go on the same invoice; locked."""
    return await find_names(tx, await domains.claim_of(tx, customer_ids, until=on + timedelta(days=days.rides)), on=on, days=days)


async def due_alone(tx: Tx, *, on: date, days: NameDays, limit: int) -> list[domains.Renewing]:
    """About so many that are due by themselves, whole customers; locked."""
    return await domains.claim_due(tx, until=on + timedelta(days=days.ahead), limit=limit)


async def is_any_due(tx: ReadTx, *, on: date, days: NameDays) -> bool:
    return await domains.is_any_due(tx, until=on + timedelta(days=days.ahead))


async def write_names(tx: Tx, plan: Plan, issued: Sequence[invoicing.Issued], *, run_id: UUID, chunk_id: UUID, now: datetime) -> None:
    """With their invoices, in one transaction."""
    billed = [domains.BilledName(due, "free") for due in plan.free_names]
    for group, invoice in zip(plan.bills, issued, strict=True):
        of_names = invoice.line_ids[len(group.dues) :]
        billed += [
            domains.BilledName(name.due, "charge" if group.charged else "invoice", invoice.id, line_id, alone=not group.dues)
            for name, line_id in zip(group.names, of_names, strict=True)
        ]
    await domains.note_billed(tx, billed, run_id=run_id, chunk_id=chunk_id, now=now)
    await domains.hold_names(tx, plan.held, run_id=run_id, now=now)
