"""Saved cards: recorded as the gateway tells of them, made the default, taken away, told when they expire."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.errors import LastMethod, MethodNotFound
from nextbill.capabilities.payments.events import DefaultMethodChanged, MethodAdded, MethodExpiring, MethodRemoved
from nextbill.capabilities.payments.models import CardRow, MethodRow, NoticeRow
from nextbill.capabilities.payments.ports import SavedCard
from nextbill.capabilities.payments.rules import expires_on, notice_due
from nextbill.kernel.ids import new_id
from nextbill.runtime import jobs, steps
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

DETACH = "payments.detach_card"
RESUME = "payments.resume_collections"
NOTICE_DAYS = (30, 7)
"""Before a card expires. Each is told once for the same day of expiry."""


@dataclass(frozen=True, slots=True)
class CardConsent:
    """Under which terms, from which address and when the holder agreed that the card is kept and charged."""

    terms: str
    address: str
    given_at: datetime


class CardFacts(TypedDict):
    method_id: UUID
    customer_id: UUID
    brand: str
    last4: str
    expires_on: date


async def record_card(tx: Tx, *, customer_id: UUID, card: SavedCard, consent: CardConsent, as_default: bool, now: datetime) -> UUID:
    """The card that the customer left, once however often it is told. The same card again takes the former one's place.

    The first card is the default, and so is one that comes after the default was declined. A bank that accepts a card anew takes back
    what it had said against it; what waits to be collected is then tried again."""
    await queries.hold_gateway_customer(tx, customer_id)
    known = await queries.method_by_ref(tx, card.method_ref)
    if known is not None:
        return known.id
    await _accept(tx, card)
    present = await queries.lock_methods(tx, customer_id)
    former = next((row for row in present if row.fingerprint == card.fingerprint), None)
    default = next((row for row in present if row.is_default), None)
    becomes = as_default or default is None or default is former or default.problem is not None
    if former is not None:
        former.state, former.ended_at, former.is_default = "replaced", now, False
    if becomes and default is not None:
        default.is_default = False
    await tx.flush()
    row = _row(customer_id, card, consent, is_default=becomes, now=now)
    tx.add(row)
    await tx.flush()
    if former is not None:
        await steps.request(tx, DETACH, subject_id=former.id, customer_id=customer_id, now=now)
    await publish(tx, MethodAdded(**_facts(row), is_default=becomes, replaces=former.id if former else None), now=now)
    if becomes:
        await jobs.enqueue(tx, RESUME, {"customer_id": str(customer_id)})
    return row.id


async def _accept(tx: Tx, card: SavedCard) -> None:
    fresh = upsert(CardRow).values(fingerprint=card.fingerprint, brand=card.brand)
    await tx.execute(fresh.on_conflict_do_update(index_elements=["fingerprint"], set_={"barred_reason": None, "barred_at": None}))
    same = (MethodRow.fingerprint == card.fingerprint, MethodRow.state == "active")
    await tx.execute(update(MethodRow).where(*same).values(barred=False, problem=None))


async def make_default(tx: Tx, *, customer_id: UUID, method_id: UUID, now: datetime) -> None:
    """From now on this card is charged, also for what is waiting. MethodNotFound."""
    present = await queries.lock_methods(tx, customer_id)
    chosen = next((row for row in present if row.id == method_id), None)
    if chosen is None:
        raise MethodNotFound
    if not chosen.is_default:
        await _choose(tx, present, chosen)
        await publish(tx, DefaultMethodChanged(**_facts(chosen)), now=now)
        await jobs.enqueue(tx, RESUME, {"customer_id": str(customer_id)})


async def remove_method(tx: Tx, *, customer_id: UUID, method_id: UUID, confirmed: bool, now: datetime) -> None:
    """Not charged from this moment on; the gateway is told by a step. The newest of the others becomes the default. One that is gone stays gone.

    LastMethod asks back before the last one goes, MethodNotFound."""
    present = await queries.lock_methods(tx, customer_id)
    going = next((row for row in present if row.id == method_id), None)
    if going is None:
        if (await queries.get_method(tx, method_id)).customer_id != customer_id:
            raise MethodNotFound
        return
    others = [row for row in present if row is not going]
    if not others and not confirmed:
        raise LastMethod("After it nothing is charged by itself any more: what you keep is paid by invoice.")
    was_default = going.is_default
    going.state, going.ended_at, going.is_default = "removed", now, False
    await tx.flush()
    await publish(tx, MethodRemoved(**_facts(going), last=not others), now=now)
    if was_default and others:
        chosen = max(others, key=lambda row: (not row.barred, row.id))
        await _choose(tx, others, chosen)
        await publish(tx, DefaultMethodChanged(**_facts(chosen)), now=now)
    await steps.request(tx, DETACH, subject_id=going.id, customer_id=customer_id, now=now)


async def mark_detached(tx: Tx, method_id: UUID, *, now: datetime) -> None:
    await tx.execute(update(MethodRow).where(MethodRow.id == method_id, MethodRow.detached_at.is_(None)).values(detached_at=now))


def is_untold(method: queries.MethodView, told: Collection[tuple[date, int]], *, today: date) -> bool:
    days = notice_due(method.expires_on, thresholds=NOTICE_DAYS, today=today)
    return days is not None and (method.expires_on, days) not in told


async def note_expiry(tx: Tx, method_id: UUID, *, seen: SavedCard | None, today: date, now: datetime) -> None:
    """What the gateway knows of a card that is about to expire. Networks renew cards by themselves: then there is nothing to tell."""
    found = await queries.method_row(tx, method_id)
    if found is None or not found.is_default or seen is None:
        return
    row = next((each for each in await queries.lock_methods(tx, found.customer_id) if each.id == method_id and each.is_default), None)
    if row is None:
        return
    row.exp_month, row.exp_year, row.last4 = seen.exp_month, seen.exp_year, seen.last4
    expires = expires_on(row.exp_month, row.exp_year)
    days = notice_due(expires, thresholds=NOTICE_DAYS, today=today)
    if days is not None and await _first_notice(tx, row, expires=expires, days=days, now=now):
        await publish(tx, MethodExpiring(**_facts(row), days_before=days), now=now)


async def _first_notice(tx: Tx, row: MethodRow, *, expires: date, days: int, now: datetime) -> bool:
    """One for each threshold; those that were missed are not made up for."""
    about = {"method_id": row.id, "customer_id": row.customer_id, "expires_on": expires, "created_at": now}
    notice = upsert(NoticeRow).values(**about, days_before=days).on_conflict_do_nothing().returning(NoticeRow.days_before)
    return (await tx.execute(notice)).first() is not None


async def _choose(tx: Tx, rows: list[MethodRow], chosen: MethodRow) -> None:
    """In two steps: there is never more than one default."""
    for row in rows:
        row.is_default = False
    await tx.flush()
    chosen.is_default = True
    await tx.flush()


def _row(customer_id: UUID, card: SavedCard, consent: CardConsent, *, is_default: bool, now: datetime) -> MethodRow:
    if card.holder is None:
        raise LookupError("a card that belongs to nobody at the gateway cannot be charged")
    return MethodRow(
        id=new_id(),
        customer_id=customer_id,
        gateway_ref=card.method_ref,
        gateway_customer=card.holder,
        fingerprint=card.fingerprint,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        funding=card.funding,
        state="active",
        is_default=is_default,
        consent_terms=consent.terms,
        consent_address=consent.address,
        consented_at=consent.given_at,
        created_at=now,
    )


def _facts(row: MethodRow) -> CardFacts:
    return {
        "method_id": row.id,
        "customer_id": row.customer_id,
        "brand": row.brand,
        "last4": row.last4,
        "expires_on": expires_on(row.exp_month, row.exp_year),
    }
