"""Hints from the gateway: kept once, then turned into questions to the gateway."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.commands.attempts import SETTLE
from nextbill.capabilities.payments.commands.setups import SETTLE_SETUP
from nextbill.capabilities.payments.errors import PaymentNotFound, SetupNotFound
from nextbill.capabilities.payments.models import EventCursorRow
from nextbill.capabilities.payments.ports import GatewayEvent
from nextbill.runtime import inbox, jobs
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx

SOURCE = "payments.gateway"
PROCESS_WEBHOOK = "payments.process_webhook"
SETTLE_REFUND = "payments.settle_refund"
log = structlog.get_logger()


async def receive(tx: Tx, event: GatewayEvent, *, installation: str, live: bool, cipher: FieldCipher, now: datetime) -> bool:
    """True if it is ours and new. Foreign and unknown events are not kept: they may be another shop's, with its customers' data.

    What is kept is the references alone; the facts are read from the gateway."""
    if event.kind is None or event.installation != installation:
        return False
    if event.live != live:
        log.error("a gateway event of the other mode was ignored", event_ref=event.event_ref, live=event.live)
        return False
    body = json.dumps({"attempt_id": _text(event.attempt_id), "refund_id": _text(event.refund_id), "setup_id": _text(event.setup_id)})
    about = event.refund_id or event.attempt_id or event.setup_id
    return await inbox.store(
        tx, cipher, source=SOURCE, external_id=event.event_ref, kind=event.kind, body=body, job=PROCESS_WEBHOOK, now=now, subject_id=about
    )


async def process(tx: Tx, inbox_id: UUID, *, cipher: FieldCipher, now: datetime) -> None:
    """One job for each hint. An attempt that is not open yet is left to the step that opens it, which settles what it finds used."""
    received = await inbox.open_row(tx, cipher, inbox_id)
    if received is None:
        return
    body = json.loads(received.body)
    outcome = "ignored"
    if received.kind == "checkout" and body["attempt_id"]:
        outcome = await _ask_for_attempt(tx, UUID(body["attempt_id"]))
    elif received.kind == "refund" and body["refund_id"]:
        outcome = await _ask_for_refund(tx, UUID(body["refund_id"]))
    elif received.kind == "setup" and body["setup_id"]:
        outcome = await _ask_for_setup(tx, UUID(body["setup_id"]))
    await inbox.close_row(tx, inbox_id, outcome=outcome, now=now)


async def note_read_until(tx: Tx, gateway: str, moment: datetime) -> None:
    row = upsert(EventCursorRow).values(gateway=gateway, read_until=moment)
    await tx.execute(row.on_conflict_do_update(index_elements=["gateway"], set_={"read_until": moment}))


async def _ask_for_attempt(tx: Tx, attempt_id: UUID) -> str:
    try:
        attempt = await queries.get_attempt(tx, attempt_id)
    except PaymentNotFound:
        return "unknown_attempt"
    if attempt.session_ref is None and attempt.payment_ref is None:
        return "not_open_yet"
    await jobs.enqueue(tx, SETTLE, {"attempt_id": str(attempt_id)})
    return "asked"


async def _ask_for_setup(tx: Tx, setup_id: UUID) -> str:
    try:
        setup = await queries.get_setup(tx, setup_id)
    except SetupNotFound:
        return "unknown_setup"
    if setup.session_ref is None:
        return "not_open_yet"
    await jobs.enqueue(tx, SETTLE_SETUP, {"setup_id": str(setup_id)})
    return "asked"


async def _ask_for_refund(tx: Tx, refund_id: UUID) -> str:
    if await queries.get_refund(tx, refund_id) is None:
        return "unknown_refund"
    await jobs.enqueue(tx, SETTLE_REFUND, {"refund_id": str(refund_id)})
    return "asked"


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
