"""A renewal's course: noted with its invoice, begun when that is paid, taken back, or given up. Nothing here calls out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import insert, select, text

from nextbill.capabilities.domains.errors import RenewalMayBeDone, RenewalNotHeld
from nextbill.capabilities.domains.events import DomainLapsed
from nextbill.capabilities.domains.models import RenewalRow
from nextbill.capabilities.domains.queries import is_renewal_living, lock_renewal, locked
from nextbill.capabilities.domains.rules import RENEWED_YEARS, RenewalCollection, Renewing
from nextbill.kernel.ids import new_ids
from nextbill.runtime import steps
from nextbill.runtime.bulk import uuids
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

RENEW: Final = "domains.renew"
LONGEST_REASON: Final = 500
_BILLED = text(
    "update domains_domain set billed_for = expires_on where id = any(cast(:ids as uuid[])) and (billed_for is null or billed_for < expires_on) returning id"
)


@dataclass(frozen=True, slots=True)
class BilledName:
    """`line_id`: of its invoice; None of both where nothing is to be paid. `alone`: on an invoice of names only."""

    due: Renewing
    collection: RenewalCollection
    invoice_id: UUID | None = None
    line_id: UUID | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class HeldName:
    due: Renewing
    reason: str


async def note_billed(tx: Tx, billed: Sequence[BilledName], *, run_id: UUID, chunk_id: UUID, now: datetime) -> None:
    """In the transaction that writes their invoices. What costs nothing is asked for at once. The key of living renewals refuses what was billed before."""
    if not billed:
        return
    shared = {"years": RENEWED_YEARS, "run_id": run_id, "chunk_id": chunk_id, "created_at": now, "changed_at": now}
    ids = new_ids(len(billed))
    rows = [
        {
            "id": id_,
            "domain_id": one.due.id,
            "customer_id": one.due.customer_id,
            "from_on": one.due.from_on,
            "state": "invoiced" if one.line_id else "renewing",
            "collection": one.collection,
            "alone": one.alone,
            "invoice_id": one.invoice_id,
            "line_id": one.line_id,
            "paid_at": None if one.line_id else now,
            **shared,
        }
        for id_, one in zip(ids, billed, strict=True)
    ]
    await tx.execute(insert(RenewalRow), rows)
    await _decided(tx, [one.due.id for one in billed])
    for id_, one in zip(ids, billed, strict=True):
        if one.line_id is None:
            await steps.request(tx, RENEW, subject_id=id_, customer_id=one.due.customer_id, now=now)


async def hold_names(tx: Tx, held: Sequence[HeldName], *, run_id: UUID, now: datetime) -> None:
    """Not billed until staff has looked (`release_name`)."""
    if not held:
        return
    rows = [
        {
            "id": id_,
            "domain_id": one.due.id,
            "customer_id": one.due.customer_id,
            "from_on": one.due.from_on,
            "years": RENEWED_YEARS,
            "state": "held",
            "collection": "invoice",
            "run_id": run_id,
            "reason": one.reason[:LONGEST_REASON],
            "created_at": now,
            "changed_at": now,
        }
        for id_, one in zip(new_ids(len(held)), held, strict=True)
    ]
    await tx.execute(insert(RenewalRow), rows)
    await _decided(tx, [one.due.id for one in held])


async def begin_paid(tx: Tx, invoice_id: UUID, *, now: datetime) -> int:
    """The invoice is paid: its names go to the registrar, each once. How many began by this call; those that were begun before are left alone."""
    found = select(RenewalRow).where(RenewalRow.invoice_id == invoice_id, RenewalRow.state == "invoiced").order_by(RenewalRow.id).with_for_update()
    rows = (await tx.execute(found, execution_options={"populate_existing": True})).scalars().all()
    for row in rows:
        row.state, row.paid_at, row.changed_at = "renewing", now, now
        await steps.request(tx, RENEW, subject_id=row.id, customer_id=row.customer_id, now=now)
    await tx.flush()
    return len(rows)


async def move_to(tx: Tx, invoice_id: UUID, lines: Mapping[UUID, UUID], *, replacement_id: UUID, now: datetime) -> None:
    """Another invoice takes this one's place: `lines` tells which line has become which. Whatever became of their renewals goes on there."""
    found = select(RenewalRow).where(RenewalRow.invoice_id == invoice_id).order_by(RenewalRow.id).with_for_update()
    for row in (await tx.execute(found, execution_options={"populate_existing": True})).scalars().all():
        if row.line_id is not None and row.line_id in lines:
            row.invoice_id, row.line_id, row.changed_at = replacement_id, lines[row.line_id], now
    await tx.flush()


async def take_back(tx: Tx, renewal_id: UUID, *, state: Literal["withdrawn", "lapsed"], now: datetime) -> bool:
    """Of one that nobody has paid; its line is credited by the caller. False where it is paid for, or was taken back before."""
    row = await lock_renewal(tx, renewal_id)
    if row.state != "invoiced":
        return False
    row.state, row.changed_at = state, now
    await tx.flush()
    if state == "lapsed":
        lapsed = DomainLapsed(domain_id=row.domain_id, customer_id=row.customer_id, expires_on=row.from_on)
        await publish(tx, lapsed, now=now)
    return True


async def set_wish(tx: Tx, domain_id: UUID, *, auto_renew: bool | None, apart: bool | None, now: datetime) -> bool:
    """Whether it is to be renewed, and on which invoice; None leaves it. Of what is on an invoice already the caller decides. Whether anything changed.

    Switched on again, an expiry that was decided otherwise may be billed after all."""
    row = await locked(tx, domain_id)
    before = row.auto_renew, row.renews_apart
    row.auto_renew = before[0] if auto_renew is None else auto_renew
    row.renews_apart = before[1] if apart is None else apart
    if before == (row.auto_renew, row.renews_apart):
        return False
    if row.auto_renew and not before[0] and row.billed_for == row.expires_on and not await is_renewal_living(tx, row):
        row.billed_for = None
    row.changed_at = now
    await tx.flush()
    return True


async def try_again(tx: Tx, renewal_id: UUID, *, now: datetime) -> None:
    """Staff's button: what the run has set aside is billed by the next one, what is parked goes to the registrar, looking first. RenewalNotHeld."""
    await steps.hold(tx, RENEW, subject_id=renewal_id)
    row = await lock_renewal(tx, renewal_id)
    if row.state == "held":
        domain = await locked(tx, row.domain_id)
        row.state, row.changed_at = "withdrawn", now
        if domain.billed_for == row.from_on:
            domain.billed_for = None
        await tx.flush()
        return
    step = await steps.state_of(tx, RENEW, subject_id=row.id) if row.state == "parked" else None
    if step is None or not await steps.retry(tx, step.id, now=now):
        raise RenewalNotHeld


async def give_up(tx: Tx, renewal_id: UUID, *, now: datetime) -> None:
    """Staff ends a parked one; the money is the caller's to give back. RenewalNotHeld; RenewalMayBeDone where the registrar may have done it."""
    await steps.hold(tx, RENEW, subject_id=renewal_id)
    row = await lock_renewal(tx, renewal_id)
    if row.state != "parked":
        raise RenewalNotHeld
    step = await steps.state_of(tx, RENEW, subject_id=renewal_id)
    if step is not None and step.state != "refused" and not await steps.withdraw(tx, RENEW, subject_id=renewal_id, now=now):
        raise RenewalMayBeDone
    row.state, row.changed_at = "given_up", now
    await tx.flush()


async def end_unsent(tx: Tx, renewal_id: UUID, *, now: datetime) -> bool:
    """Its money was given back: what the registrar has certainly not been asked for is ended. False where it may be done: then staff looks."""
    await steps.hold(tx, RENEW, subject_id=renewal_id)
    row = await lock_renewal(tx, renewal_id)
    if row.state not in ("renewing", "parked") or not await steps.withdraw(tx, RENEW, subject_id=renewal_id, now=now):
        return False
    row.state, row.changed_at = "given_up", now
    await tx.flush()
    return True


async def _decided(tx: Tx, domain_ids: Sequence[UUID]) -> None:
    found = (await tx.execute(_BILLED, {"ids": uuids(domain_ids)})).all()
    if len(found) != len(domain_ids):
        raise LookupError("a name was billed before for this expiry")
