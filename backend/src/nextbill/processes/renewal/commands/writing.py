"""A chunk in one transaction: invoices, books, periods, licenses, charges, credit, and what the run's history tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from nextbill.capabilities import invoicing, ledger, subscriptions
from nextbill.kernel.ids import new_id
from nextbill.processes.renewal.commands.lasting import extend_licenses
from nextbill.processes.renewal.commands.names import write_names
from nextbill.processes.renewal.commands.planning import Grouped, Plan, sums_of
from nextbill.runtime import crash
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

WRITTEN = "renewal.chunk:written"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who bills: as its invoices say it, and the time zone at whose midnight its days end."""

    seller: invoicing.Seller
    zone: str


async def write_plan(tx: Tx, plan: Plan, *, run_id: UUID, issuer: Issuer, on: date, now: datetime) -> None:
    """All of it or nothing. What is refused by the database refuses the whole chunk: the caller then finds out whose fault it is."""
    if not plan.anything:
        return
    chunk_id, named = new_id(), bool(plan.names)
    done = subscriptions.ChunkDone(plan.lines, len(plan.free) + len(plan.free_names), len(plan.asides) + len(plan.held), sums_of([plan]))
    await subscriptions.note_chunk(tx, run_id, chunk_id, done, now=now)
    await subscriptions.set_aside(tx, plan.asides, on=on, now=now)
    credited = await _hold_credit(tx, plan.bills)
    if plan.bills:
        mailed = not all(group.charged for group in plan.bills)
        await publish(tx, subscriptions.PeriodsBilled(run_id=run_id, chunk_id=chunk_id, named=named, mailed=mailed), now=now)
    issued = await invoicing.issue_many(tx, [group.bill for group in plan.bills], seller=issuer.seller, on=on, now=now)
    billed = [subscriptions.Billed(due, None, None) for due in plan.free]
    for group, invoice in zip(plan.bills, issued, strict=True):
        billed += [subscriptions.Billed(due, invoice.id, id_) for due, id_ in zip(group.dues, invoice.line_ids, strict=False)]  # names come after
    lasting = await subscriptions.advance_billed(tx, billed, chunk_id=chunk_id, now=now)
    await extend_licenses(tx, lasting, zone=issuer.zone, now=now)
    if named:
        await write_names(tx, plan, issued, run_id=run_id, chunk_id=chunk_id, now=now)
    for group, invoice in zip(plan.bills, issued, strict=True) if credited else ():
        if group.key[:2] in credited:
            await invoicing.use_free_credit(tx, invoice.id, on=on, now=now)
    crash.point(WRITTEN)


async def _hold_credit(tx: Tx, bills: Sequence[Grouped]) -> set[tuple[UUID, str]]:
    """Before the numbers are drawn: whoever spends a customer's credit may wait for the counter, and nobody may wait for both the other way round."""
    credit = await ledger.credits_of(tx, {group.key[0] for group in bills})
    holders = {group.key[:2] for group in bills if group.key[:2] in credit} if credit else set()
    for customer_id in sorted({customer_id for customer_id, _ in holders}):
        await ledger.hold_credit(tx, customer_id)
    return holders
