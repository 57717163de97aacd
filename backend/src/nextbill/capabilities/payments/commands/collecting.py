"""Payables charged to saved cards by themselves: put on the schedule, taken from it in chunks, given back to the customer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Interval, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.commands.attempts import EXPIRE_CHECKOUT
from nextbill.capabilities.payments.commands.facts import collection_facts
from nextbill.capabilities.payments.events import CollectionEnded
from nextbill.capabilities.payments.models import AttemptRow, CollectionRow, MethodRow, PaceRow, PayableRow
from nextbill.capabilities.payments.rules import CHARGE_LIFETIME, CUSTOMER_AT_THE_PAGE, LONGEST
from nextbill.kernel.ids import new_id
from nextbill.runtime import bulk, jobs, steps
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

CHARGE = "payments.charge"
CHARGE_CHUNK = "payments.charge_chunk"
GATEWAY = "payments.gateway"
CLOSING = timedelta(minutes=2)
"""Until a payment page that is being closed is asked about again."""
AHEAD = timedelta(seconds=5)
"""How far the gateway's share may be given out before the next chunk is taken."""
FARTHEST_ZONE = timedelta(hours=14)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Scene:
    """What decides about a claimed chunk, read once for all of it. `room` shrinks as cards are taken."""

    methods: dict[UUID, MethodRow]
    rivals: dict[UUID, AttemptRow]
    room: dict[str, int]
    barred: set[str]


async def charge_payables(tx: Tx, payable_ids: Collection[UUID], *, on: date, now: datetime) -> None:
    """From the day `on` each is charged to its customer's default card, and tried again by the schedule; whoever pays first wins.

    May be repeated: one that is on the schedule, or has been, stays as it is. In one statement for any number of them."""
    payables = select(
        PayableRow.id,
        PayableRow.customer_id,
        literal("due", CollectionRow.state.type),
        literal(on, CollectionRow.started_on.type),
        literal(on, CollectionRow.next_try_on.type),
        literal(now, CollectionRow.changed_at.type),
    ).where(PayableRow.id == any_(bulk.ids(payable_ids)), PayableRow.state == "open")
    columns = ["payable_id", "customer_id", "state", "started_on", "next_try_on", "changed_at"]
    await tx.execute(upsert(CollectionRow).from_select(columns, payables).on_conflict_do_nothing(index_elements=["payable_id"]))


async def stop_charging(tx: Tx, payable_id: UUID, *, now: datetime) -> None:
    """No further try by itself. One that is under way ends as it ends."""
    row = await queries.lock_collection(tx, payable_id)
    if row is not None and row.state in ("due", "waiting", "given_up"):
        _move(row, "stopped", reason="stopped", now=now)


async def charge_again(tx: Tx, payable_id: UUID, *, on: date, now: datetime) -> None:
    """Staff's button, and the customer's new card: a fresh schedule from the day `on`, where the payable is open and nothing is under way."""
    payable = await queries.lock_payable(tx, payable_id)
    row = await queries.lock_collection(tx, payable_id)
    if payable.state == "open" and row is not None and row.state in ("due", "waiting", "given_up", "stopped"):
        _restart(row, on=on, now=now)


async def resume_collections(tx: Tx, customer_id: UUID, *, on: date, now: datetime) -> None:
    """The customer has given another card: what was declined before is tried with it today."""
    for payable_id in await queries.declined_collections(tx, customer_id):
        await charge_again(tx, payable_id, on=on, now=now)


async def charge_soon(tx: Tx, *, now: datetime) -> None:
    """One job while anything may be due, unless the gateway is busy with what was begun. Which day it is, the job knows."""
    if await queries.backlog(tx, GATEWAY) <= AHEAD and await queries.due_by(tx, on=(now + FARTHEST_ZONE).date(), now=now):
        await jobs.enqueue(tx, CHARGE_CHUNK, {})


async def begin_charges(tx: Tx, *, on: date, now: datetime, limit: int, per_second: float) -> int:
    """Takes up to `limit` due collections and begins their charges, paced so that all machines together stay within the gateway's rate.

    How many were taken, whatever became of them. May run any number of times at once: each is taken by one."""
    taken = await queries.claim_due(tx, on=on, now=now, limit=limit)
    if not taken:
        return 0
    scene = await _scene(tx, [payable for payable, _ in taken], now=now)
    begun = [attempt for payable, row in taken if (attempt := await _decide(tx, scene, payable, row, on=on, now=now)) is not None]
    await tx.flush()
    first, gap = await _pace(tx, len(begun), per_second=per_second)
    for place, attempt in enumerate(begun):
        await steps.request(tx, CHARGE, subject_id=attempt.id, customer_id=attempt.customer_id, now=now, after=first + place * gap)
    return len(taken)


async def _scene(tx: Tx, payables: list[PayableRow], *, now: datetime) -> _Scene:
    methods = await queries.default_methods(tx, {payable.customer_id for payable in payables})
    rivals = await queries.rivals_of(tx, [payable.id for payable in payables])
    cards = await queries.lock_cards(tx, {method.fingerprint for method in methods.values()})
    barred = {fingerprint for fingerprint, card in cards.items() if card.barred_at is not None}
    return _Scene(methods, rivals, await queries.scheme_room(tx, cards, now=now), barred)


async def _decide(tx: Tx, scene: _Scene, payable: PayableRow, row: CollectionRow, *, on: date, now: datetime) -> AttemptRow | None:
    """A charge, or why there is none now."""
    if payable.state != "open":
        _move(row, "stopped", reason=payable.state, now=now)
        return None
    rival = scene.rivals.get(payable.id)
    if rival is not None:
        row.held_until = await _make_room(tx, rival, now=now)
        return None
    method = scene.methods.get(payable.customer_id)
    if method is None or method.fingerprint in scene.barred:
        await _wait(tx, payable, row, reason="card_barred" if method else "no_method", now=now)
        return None
    if scene.room[method.fingerprint] <= 0:
        await _postpone(tx, payable, row, on=on, now=now)
        return None
    scene.room[method.fingerprint] -= 1
    return await _attempt(tx, payable, row, method, now=now)


async def _make_room(tx: Tx, rival: AttemptRow, *, now: datetime) -> datetime:
    """Until when the charge waits. Who has just opened a payment page is left to pay on it; one that was left open is closed. A charge in doubt
    is for staff to clear up first."""
    since = rival.opened_at or rival.requested_at
    if rival.kind == "checkout" and rival.state == "open" and now - since >= CUSTOMER_AT_THE_PAGE:
        await steps.request(tx, EXPIRE_CHECKOUT, subject_id=rival.id, customer_id=rival.customer_id, now=now)
        return now + CLOSING
    return max(since + CUSTOMER_AT_THE_PAGE, now + CLOSING)


async def _wait(tx: Tx, payable: PayableRow, row: CollectionRow, *, reason: str, now: datetime) -> None:
    _move(row, "waiting", reason=reason, now=now)
    await publish(tx, CollectionEnded(**collection_facts(payable), reason=reason), now=now)


async def _postpone(tx: Tx, payable: PayableRow, row: CollectionRow, *, on: date, now: datetime) -> None:
    """The card's scheme allows no more tries for now: the next day asks again, and after a month nobody does."""
    if on - row.started_on < LONGEST:
        row.next_try_on, row.reason, row.changed_at = on + timedelta(days=1), "scheme_cap", now
        return
    _move(row, "given_up", reason="scheme_cap", now=now)
    await publish(tx, CollectionEnded(**collection_facts(payable), reason="scheme_cap"), now=now)


async def _attempt(tx: Tx, payable: PayableRow, row: CollectionRow, method: MethodRow, *, now: datetime) -> AttemptRow | None:
    """None where the database refuses it: a page was opened this moment, or the card's cap is reached after all. The others are not harmed."""
    attempt = AttemptRow(
        id=new_id(),
        customer_id=payable.customer_id,
        payable_id=payable.id,
        kind="charge",
        method_id=method.id,
        fingerprint=method.fingerprint,
        gateway_customer=method.gateway_customer,
        amount_minor=payable.amount_minor,
        currency=payable.currency,
        description=payable.description,
        state="requested",
        return_url="",
        requested_at=now,
        expires_at=now + CHARGE_LIFETIME,
    )
    try:
        async with tx.begin_nested():
            tx.add(attempt)
            await tx.flush()
    except IntegrityError as error:
        log.warning("a charge was refused by the database", payable_id=str(payable.id), refusal=str(error.orig))
        row.held_until = now + CUSTOMER_AT_THE_PAGE
        return None
    _move(row, "trying", reason=row.reason, now=now)
    row.attempt_id = attempt.id
    return attempt


async def _pace(tx: Tx, count: int, *, per_second: float) -> tuple[timedelta, timedelta]:
    """When the first of `count` may be sent, and the pause between two: one row gives out the gateway's share to all machines."""
    gap = timedelta(seconds=1 / per_second)
    if not count:
        return timedelta(), gap
    wall = func.clock_timestamp()
    mine = upsert(PaceRow).values(gateway=GATEWAY, free_at=wall + count * gap)
    mine = mine.on_conflict_do_update(index_elements=["gateway"], set_={"free_at": func.greatest(PaceRow.free_at, wall) + count * gap})
    ahead = func.greatest(PaceRow.free_at - wall - count * gap, timedelta(), type_=Interval)
    return (await tx.execute(mine.returning(ahead))).scalar_one(), gap


async def yield_to_customer(tx: Tx, payable_id: UUID, *, now: datetime) -> bool:
    """Somebody wants to pay this on a page: a charge that was certainly not sent makes way. False where one is under way."""
    present = await queries.open_attempt(tx, payable_id)
    if present is None or present.kind != "charge":
        return True
    await steps.hold(tx, CHARGE, subject_id=present.id)
    if not await steps.withdraw(tx, CHARGE, subject_id=present.id, now=now):
        return False
    _payable, attempt = await queries.lock_attempt(tx, present.id)
    attempt.state, attempt.finished_at = "expired", now
    row = await queries.lock_collection(tx, payable_id)
    if row is not None and row.state == "trying":
        _move(row, "due", reason=row.reason, now=now, next_try_on=row.started_on, held_until=now + CUSTOMER_AT_THE_PAGE)
    return True


async def end_collection(tx: Tx, payable_id: UUID, *, collected: bool, now: datetime) -> None:
    """The payable is paid: by the card, or otherwise."""
    move = {"state": "collected" if collected else "stopped", "next_try_on": None, "held_until": None, "changed_at": now}
    states = ("due", "trying", "waiting", "given_up", *(("stopped",) if collected else ()))
    open_still = (CollectionRow.payable_id == payable_id, CollectionRow.state.in_(states))
    await tx.execute(update(CollectionRow).where(*open_still).values(**move))


def _restart(row: CollectionRow, *, on: date, now: datetime) -> None:
    row.started_on, row.tries = on, 0
    _move(row, "due", reason=row.reason, now=now, next_try_on=on)


def _move(
    row: CollectionRow, state: str, *, reason: str | None, now: datetime, next_try_on: date | None = None, held_until: datetime | None = None
) -> None:
    row.state, row.reason, row.next_try_on, row.held_until, row.changed_at = state, reason, next_try_on, held_until, now
