"""What is to be charged by itself, and how much the cards and the gateway still allow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, and_, func, or_, select

from nextbill.capabilities.payments.models import AttemptRow, CardRow, CollectionRow, DeclineRow, PaceRow, PayableRow, SchemeCapRow
from nextbill.capabilities.payments.rules import OPEN_ATTEMPT_STATES, Cap, room_left
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx, Tx

OTHERS = "*"


@dataclass(frozen=True, slots=True)
class CollectionView:
    """A payable that is charged by itself: `due` on `next_try_on`, being tried, waiting for the customer, collected, given up or stopped.

    `reason`: what was last said against it. `amount` is what is to be paid now."""

    payable_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    amount: Money
    state: str
    started_on: date
    next_try_on: date | None
    tries: int
    reason: str | None


async def collection_of(tx: ReadTx, payable_id: UUID) -> CollectionView | None:
    return (await collections_of(tx, [payable_id])).get(payable_id)


async def collections_of(tx: ReadTx, payable_ids: Collection[UUID]) -> dict[UUID, CollectionView]:
    found = select(CollectionRow, PayableRow).join(PayableRow, PayableRow.id == CollectionRow.payable_id)
    rows = await tx.execute(found.where(CollectionRow.payable_id.in_(payable_ids)))
    return {row.payable_id: _collection(row, payable) for row, payable in rows}


async def list_collections(tx: ReadTx, *, state: str | None, customer_id: UUID | None, after: UUID | None, limit: int) -> Sequence[CollectionView]:
    """Newest first. What was paid another way meanwhile is left out of those that are still to come."""
    found = select(CollectionRow, PayableRow).join(PayableRow, PayableRow.id == CollectionRow.payable_id)
    if state is not None:
        found = found.where(CollectionRow.state == state)
    if state in ("due", "waiting", "given_up"):
        found = found.where(PayableRow.state == "open")
    if customer_id is not None:
        found = found.where(PayableRow.customer_id == customer_id)
    if after is not None:
        found = found.where(CollectionRow.payable_id < after)
    rows = await tx.execute(found.order_by(CollectionRow.payable_id.desc()).limit(limit))
    return [_collection(row, payable) for row, payable in rows]


async def declined_collections(tx: ReadTx, customer_id: UUID) -> list[UUID]:
    """What a card stood in the way of, oldest first; never what staff stopped."""
    tried = or_(CollectionRow.state.in_(("waiting", "given_up")), and_(CollectionRow.state == "due", CollectionRow.tries > 0))
    found = select(CollectionRow.payable_id).join(PayableRow, PayableRow.id == CollectionRow.payable_id)
    rows = await tx.execute(found.where(PayableRow.customer_id == customer_id, tried).order_by(CollectionRow.payable_id))
    return list(rows.scalars())


async def due_by(tx: ReadTx, *, on: date, now: datetime) -> bool:
    found = select(CollectionRow.payable_id).where(*_due(on, now)).limit(1)
    return (await tx.execute(found)).first() is not None


async def claim_due(tx: Tx, *, on: date, now: datetime, limit: int) -> list[tuple[PayableRow, CollectionRow]]:
    """Payables first, skipping those that somebody holds; then what of their collections is still due."""
    candidates = select(PayableRow).join(CollectionRow, CollectionRow.payable_id == PayableRow.id).where(*_due(on, now))
    ordered = candidates.order_by(CollectionRow.next_try_on, CollectionRow.payable_id).limit(limit)
    locked = await tx.execute(ordered.with_for_update(of=PayableRow, skip_locked=True), execution_options={"populate_existing": True})
    payables = {row.id: row for row in locked.scalars()}
    rows = (
        select(CollectionRow)
        .where(CollectionRow.payable_id.in_(payables), *_due(on, now))
        .order_by(CollectionRow.next_try_on, CollectionRow.payable_id)
    )
    held = await tx.execute(rows.with_for_update(), execution_options={"populate_existing": True})
    return [(payables[row.payable_id], row) for row in held.scalars()]


async def lock_collection(tx: Tx, payable_id: UUID) -> CollectionRow | None:
    found = select(CollectionRow).where(CollectionRow.payable_id == payable_id).with_for_update()
    return (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()


async def rivals_of(tx: ReadTx, payable_ids: Collection[UUID]) -> dict[UUID, AttemptRow]:
    """What else may bring the money of each: an open attempt, or a charge of which nobody knows whether it was made."""
    in_doubt = and_(AttemptRow.kind == "charge", AttemptRow.state == "parked")
    found = select(AttemptRow).where(AttemptRow.payable_id.in_(payable_ids), or_(AttemptRow.state.in_(OPEN_ATTEMPT_STATES), in_doubt))
    return {row.payable_id: row for row in (await tx.execute(found, execution_options={"populate_existing": True})).scalars()}


async def scheme_room(tx: ReadTx, cards: Mapping[str, CardRow], *, now: datetime) -> dict[str, int]:
    """How many more charges each locked card may be tried with; none where it is barred."""
    caps = await _caps(tx)
    longest = max((cap.hours for found in caps.values() for cap in found), default=0)
    declines = select(DeclineRow.fingerprint, DeclineRow.declined_at).where(
        DeclineRow.fingerprint.in_(cards), DeclineRow.declined_at > now - timedelta(hours=longest)
    )
    said: dict[str, list[datetime]] = defaultdict(list)
    for fingerprint, at in await tx.execute(declines):
        said[fingerprint].append(at)
    counted = select(AttemptRow.fingerprint, func.count()).where(
        AttemptRow.fingerprint.in_(cards), AttemptRow.state.in_((*OPEN_ATTEMPT_STATES, "parked"))
    )
    under_way = Counter[str | None]()
    for card, count in await tx.execute(counted.group_by(AttemptRow.fingerprint)):
        under_way[card] = count
    return {
        fingerprint: 0
        if card.barred_at
        else room_left(caps.get(card.brand, caps[OTHERS]), said[fingerprint], under_way=under_way[fingerprint], now=now)
        for fingerprint, card in cards.items()
    }


async def backlog(tx: ReadTx, gateway: str) -> timedelta:
    """How far ahead of now the gateway's share of changes is given out."""
    ahead = func.greatest(PaceRow.free_at - func.clock_timestamp(), timedelta(), type_=Interval)
    return (await tx.execute(select(ahead).where(PaceRow.gateway == gateway))).scalar_one_or_none() or timedelta()


async def _caps(tx: ReadTx) -> dict[str, list[Cap]]:
    caps: dict[str, list[Cap]] = defaultdict(list)
    for row in (await tx.execute(select(SchemeCapRow))).scalars():
        caps[row.brand].append(Cap(row.hours, row.declines))
    return caps


def _due(on: date, now: datetime) -> list[ColumnElement[bool]]:
    return [CollectionRow.state == "due", CollectionRow.next_try_on <= on, or_(CollectionRow.held_until.is_(None), CollectionRow.held_until <= now)]


def _collection(row: CollectionRow, payable: PayableRow) -> CollectionView:
    return CollectionView(
        payable_id=row.payable_id,
        customer_id=row.customer_id,
        reference_type=payable.reference_type,
        reference_id=payable.reference_id,
        amount=Money(payable.amount_minor, payable.currency),
        state=row.state,
        started_on=row.started_on,
        next_try_on=row.next_try_on,
        tries=row.tries,
        reason=row.reason,
    )


@dataclass(frozen=True, slots=True)
class TriesOfDay:
    """Charges of a day: what is on the schedule in one currency."""

    day: date
    count: int
    amount: Money


async def tries_by_day(tx: ReadTx, *, first: date, last: date) -> list[TriesOfDay]:
    """Both days included; what is overdue counts on the first one."""
    day = func.greatest(CollectionRow.next_try_on, first).label("day")
    counted = select(day, PayableRow.currency, func.count(), func.sum(PayableRow.amount_minor)).join(
        PayableRow, PayableRow.id == CollectionRow.payable_id
    )
    due = (CollectionRow.state == "due", CollectionRow.next_try_on <= last)
    rows = await tx.execute(counted.where(*due).group_by(day, PayableRow.currency).order_by(day, PayableRow.currency))
    return [TriesOfDay(on, int(count), Money(int(amount), currency)) for on, currency, count, amount in rows]
