"""A try at saving a card: its page requested, opened at the gateway, used, refused or parked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.commands.cards import CardConsent, record_card
from nextbill.capabilities.payments.errors import SetupNotFound
from nextbill.capabilities.payments.models import GatewayCustomerRow, SetupRow
from nextbill.capabilities.payments.ports import Checkout, SetupState
from nextbill.capabilities.payments.rules import CHECKOUT_LIFETIME, OPEN_ATTEMPT_STATES, SHORTEST_CHECKOUT, next_check
from nextbill.kernel.ids import new_id
from nextbill.runtime import jobs, steps
from nextbill.runtime.database import Tx

OPEN_SETUP = "payments.open_setup"
SETTLE_SETUP = "payments.settle_setup"
OPEN = "state in ('requested','open')"
log = structlog.get_logger()


async def start_setup(tx: Tx, *, customer_id: UUID, return_url: str, consent: CardConsent, now: datetime) -> UUID:
    """The customer's one open page for saving a card: the present one, or a new one with the step that opens it."""
    outdated = (SetupRow.customer_id == customer_id, SetupRow.state == "open", SetupRow.expires_at <= now)
    closed = await tx.execute(update(SetupRow).where(*outdated).values(state="expired", finished_at=now, setup_url=None).returning(SetupRow.id))
    await jobs.enqueue_many(tx, [(SETTLE_SETUP, {"setup_id": str(setup_id)}) for setup_id in closed.scalars()])
    setup_id = new_id()
    values = {"id": setup_id, "customer_id": customer_id, "state": "requested", "return_url": return_url}
    agreed = {"consent_terms": consent.terms, "consent_address": consent.address}
    once = upsert(SetupRow).values(**values, **agreed, requested_at=now, expires_at=now + CHECKOUT_LIFETIME)
    once = once.on_conflict_do_nothing(index_elements=["customer_id"], index_where=text(OPEN))
    if (await tx.execute(once.returning(SetupRow.id))).first() is None:
        return await _present(tx, customer_id)
    await steps.request(tx, OPEN_SETUP, subject_id=setup_id, customer_id=customer_id, now=now)
    return setup_id


async def _present(tx: Tx, customer_id: UUID) -> UUID:
    found = await queries.open_setup(tx, customer_id)
    if found is None:
        raise SetupNotFound("It has just been concluded: ask again.")
    return found


async def may_open_setup(tx: Tx, setup_id: UUID, *, now: datetime) -> SetupRow | None:
    """None where the page is not wanted any more: then it is over."""
    row = await queries.lock_setup(tx, setup_id)
    if row.state not in ("requested", "parked"):
        return None
    rival = await queries.open_setup(tx, row.customer_id)
    if (rival is not None and rival != row.id) or row.expires_at - now < SHORTEST_CHECKOUT:
        row.state, row.finished_at = "expired", now
        return None
    row.state = "requested"
    await tx.flush()
    return row


async def record_setup_opened(tx: Tx, setup_id: UUID, *, page: Checkout, gateway_customer: str, now: datetime) -> None:
    row = await queries.lock_setup(tx, setup_id)
    known = upsert(GatewayCustomerRow).values(customer_id=row.customer_id, gateway_ref=gateway_customer, created_at=now)
    await tx.execute(known.on_conflict_do_nothing())
    if row.state not in ("requested", "parked"):
        return
    row.state, row.opened_at, row.gateway_customer = "open", now, gateway_customer
    row.session_ref, row.setup_url, row.expires_at = page.session_ref, page.url, page.expires_at
    row.next_check_at = next_check(opened_at=now, expires_at=page.expires_at, now=now)
    if page.status != "open":
        await jobs.enqueue(tx, SETTLE_SETUP, {"setup_id": str(row.id)})


async def end_setup(tx: Tx, setup_id: UUID, *, state: str, reason: str, now: datetime) -> None:
    """`failed`: the gateway will not open the page; `parked`: it could not be made to, and staff looks."""
    row = await queries.lock_setup(tx, setup_id)
    if row.state in ("requested", "parked") and row.state != state:
        row.state, row.error, row.finished_at = state, reason, now if state == "failed" else None


async def settle_setup(tx: Tx, setup_id: UUID, *, seen: SetupState, live: bool, now: datetime) -> str:
    """The one path by which a card left on a page becomes a method: for webhook, return page and sweeper alike. May be repeated, in any order."""
    row = await queries.lock_setup(tx, setup_id)
    if row.state == "succeeded":
        return row.state
    if seen.status == "saved" and seen.card is not None:
        await _saved(tx, row, seen, live=live, now=now)
    elif row.state in OPEN_ATTEMPT_STATES and seen.status == "expired":
        row.state, row.finished_at, row.next_check_at, row.setup_url = "expired", now, None, None
    elif row.state in OPEN_ATTEMPT_STATES:
        row.next_check_at = next_check(opened_at=row.opened_at or row.requested_at, expires_at=row.expires_at, now=now)
    return row.state


async def _saved(tx: Tx, row: SetupRow, seen: SetupState, *, live: bool, now: datetime) -> None:
    """What is not what we asked for is not kept: a card in another's name must never be charged."""
    card, asked = seen.card, (row.id, row.session_ref, row.gateway_customer, row.gateway_customer, live)
    row.finished_at, row.next_check_at, row.setup_url = now, None, None
    if card is None or asked != (seen.setup_id, seen.session_ref, seen.customer, card.holder, seen.live):
        row.state, row.error = "failed", "mismatch"
        log.error("a saved card is not what was asked for", setup_id=str(row.id))
        return
    consent = CardConsent(row.consent_terms, row.consent_address, row.requested_at)
    row.method_id = await record_card(tx, customer_id=row.customer_id, card=card, consent=consent, as_default=False, now=now)
    row.state, row.error = "succeeded", None


async def postpone_setup_check(tx: Tx, setup_ids: list[UUID], *, until: datetime) -> None:
    if setup_ids:
        await tx.execute(update(SetupRow).where(SetupRow.id.in_(setup_ids), SetupRow.state == "open").values(next_check_at=until))
