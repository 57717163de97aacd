"""Everything of an order, newest first: facts, payments, webhooks, steps with every look and call, mails, staff's deeds; and its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, cast, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from nextbill.capabilities import identity, orders
from nextbill.capabilities.admin.queries.belongings import Belongings, belongings
from nextbill.capabilities.admin.rules import (
    MAIL_ACTOR,
    PAYMENT_ACTOR,
    REFUND_ACTOR,
    Entry,
    LineFacts,
    Next,
    OrderFacts,
    acts_next,
    step_actor,
)
from nextbill.capabilities.identity.models import AuditRow
from nextbill.capabilities.notifications.models import Mail
from nextbill.capabilities.payments.models import AttemptRow, RefundRow
from nextbill.kernel.money import Money
from nextbill.runtime import jobs
from nextbill.runtime.database import ReadTx
from nextbill.runtime.models import EventRow, InboxRow, StepRow, VendorCallRow

SHOWN = 1000
_TELLING = ("state", "reason", "domain", "amount_minor", "currency", "was_paid", "starts_on", "expires_on")
"""Fields of events that say something beyond which objects they are about."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """`truncated`: there is more than is shown. `jobs` are those that wait, run or failed right now, in technical time."""

    order: orders.Order
    entries: list[Entry]
    next: list[Next]
    jobs: list[jobs.QueuedJob]
    truncated: bool


async def timeline(tx: ReadTx, order_id: UUID) -> Timeline:
    """OrderNotFound."""
    mine = await belongings(tx, order_id)
    steps = await _steps(tx, mine)
    entries = [*await _events(tx, mine), *await _payments(tx, mine), *await _webhooks(tx, mine)]
    entries += [_step_entry(step, mine) for step in steps] + await _calls(tx, {step.id: step for step in steps}, mine)
    entries += [*await _mails(tx, mine), *await _staff(tx, mine)]
    entries.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
    queued = await jobs.about(tx, [*mine.ids, *(step.id for step in steps)])
    following = acts_next(await _facts(tx, mine.order, steps, queued))
    return Timeline(mine.order, entries[:SHOWN], following, queued, len(entries) > SHOWN)


async def _steps(tx: ReadTx, mine: Belongings) -> list[StepRow]:
    found = select(StepRow).where(StepRow.subject_id.in_(mine.ids)).order_by(StepRow.id.desc()).limit(SHOWN)
    return list((await tx.execute(found)).scalars())


async def _facts(tx: ReadTx, order: orders.Order, steps: list[StepRow], queued: list[jobs.QueuedJob]) -> OrderFacts:
    login = await identity.login_of_customer(tx, order.customer_id)
    payable_id = await orders.payable_of(tx, order.id)
    held = select(AttemptRow.id).where(AttemptRow.payable_id == payable_id, AttemptRow.state == "quarantined")
    return OrderFacts(
        state=order.state,
        verified=login.verified_at is not None,
        lines=[LineFacts(line.description, line.kind, line.state, line.reason) for line in order.lines],
        steps=[(step.name, step.state) for step in steps if step_actor(step.state) is not None],
        failed_jobs=[job.name for job in queued if job.status == "failed"],
        quarantined=(await tx.execute(held.limit(1))).first() is not None,
    )


async def _events(tx: ReadTx, mine: Belongings) -> list[Entry]:
    """The customer's events that name one of the order's objects."""
    fields = func.jsonb_each_text(EventRow.payload).table_valued("key", "value")
    names_one = exists(select(1).select_from(fields).where(fields.c.value == func.any(cast(array([str(i) for i in mine.ids]), ARRAY(String)))))
    found = select(EventRow).where(EventRow.customer_id == mine.order.customer_id, names_one).order_by(EventRow.seq.desc()).limit(SHOWN)
    return [_event_entry(row, mine) for row in (await tx.execute(found)).scalars()]


def _event_entry(row: EventRow, mine: Belongings) -> Entry:
    told = ", ".join(f"{name} {row.payload[name]}" for name in _TELLING if row.payload.get(name) is not None and name not in ("state", "reason"))
    subject = next((UUID(value) for value in row.payload.values() if isinstance(value, str) and _is_mine(value, mine)), None)
    return Entry(
        id=str(row.id),
        at=row.occurred_at,
        kind="event",
        what=row.name,
        state=row.payload.get("state"),
        reason=row.payload.get("reason"),
        detail=told or None,
        subject_type=mine.kinds.get(subject) if subject else None,
        subject_id=subject,
    )


def _is_mine(value: str, mine: Belongings) -> bool:
    try:
        return UUID(value) in mine.kinds
    except ValueError:
        return False


async def _payments(tx: ReadTx, mine: Belongings) -> list[Entry]:
    attempts = (await tx.execute(select(AttemptRow).where(AttemptRow.id.in_(mine.ids)))).scalars()
    refunds = (await tx.execute(select(RefundRow).where(RefundRow.id.in_(mine.ids)))).scalars()
    return [*(_payment_entry(row) for row in attempts), *(_refund_entry(row) for row in refunds)]


def _payment_entry(row: AttemptRow) -> Entry:
    return Entry(
        id=str(row.id),
        at=row.requested_at,
        kind="payment",
        what=f"payment of {Money(row.amount_minor, row.currency)}{', surplus' if row.surplus else ''}",
        state=row.state,
        reason=row.error,
        detail=row.error_message,
        who=PAYMENT_ACTOR.get(row.state),
        subject_type="payment",
        subject_id=row.id,
        request_id=row.payment_ref or row.session_ref,
    )


def _refund_entry(row: RefundRow) -> Entry:
    return Entry(
        id=str(row.id),
        at=row.requested_at,
        kind="refund",
        what=f"refund of {Money(row.amount_minor, row.currency)}{', surplus' if row.surplus else ''}",
        state=row.state,
        reason=row.error or row.reason,
        who=REFUND_ACTOR.get(row.state),
        actor=row.actor,
        subject_type="refund",
        subject_id=row.id,
        request_id=row.refund_ref,
    )


async def _webhooks(tx: ReadTx, mine: Belongings) -> list[Entry]:
    found = select(InboxRow).where(InboxRow.subject_id.in_(mine.ids)).order_by(InboxRow.id.desc()).limit(SHOWN)
    return [
        Entry(
            id=str(row.id),
            at=row.received_at,
            kind="webhook",
            what=f"{row.source}: {row.kind}",
            state="processed" if row.processed_at else "waiting",
            reason=row.outcome,
            who=None if row.processed_at else "system",
            request_id=row.external_id,
            subject_type=mine.kinds.get(row.subject_id) if row.subject_id else None,
            subject_id=row.subject_id,
        )
        for row in (await tx.execute(found)).scalars()
    ]


def _step_entry(step: StepRow, mine: Belongings) -> Entry:
    return Entry(
        id=str(step.id),
        at=step.changed_at,
        kind="step",
        what=step.name,
        state=step.state,
        reason=step.reason,
        detail=step.detail or None,
        who=step_actor(step.state),
        subject_type=mine.kinds.get(step.subject_id),
        subject_id=step.subject_id,
    )


async def _calls(tx: ReadTx, steps: dict[UUID, StepRow], mine: Belongings) -> list[Entry]:
    found = select(VendorCallRow).where(VendorCallRow.step_id.in_(list(steps))).order_by(VendorCallRow.id.desc()).limit(SHOWN)
    return [
        Entry(
            id=str(row.id),
            at=row.at,
            kind=row.phase,
            what=steps[row.step_id].name,
            state=row.outcome,
            reason=row.reason,
            detail=row.detail or None,
            request_id=row.request_id,
            milliseconds=row.milliseconds,
            subject_type=mine.kinds.get(steps[row.step_id].subject_id),
            subject_id=steps[row.step_id].subject_id,
        )
        for row in (await tx.execute(found)).scalars()
    ]


async def _mails(tx: ReadTx, mine: Belongings) -> list[Entry]:
    rows = (await tx.execute(select(Mail).where(Mail.id.in_(mine.ids)))).scalars()
    return [
        Entry(
            id=str(row.id),
            at=row.sent_at or row.requested_at,
            kind="mail",
            what=row.kind,
            state=row.state,
            reason=row.problem,
            detail=row.subject,
            who=MAIL_ACTOR.get(row.state),
            subject_type="mail",
            subject_id=row.id,
        )
        for row in rows
    ]


async def _staff(tx: ReadTx, mine: Belongings) -> list[Entry]:
    """What people did by hand to any of it, with their reasons."""
    steps = select(cast(StepRow.id, String)).where(StepRow.subject_id.in_(mine.ids))
    theirs = AuditRow.object_id.in_([str(i) for i in mine.ids]) | AuditRow.object_id.in_(steps)
    rows = (
        await tx.execute(select(AuditRow).where(AuditRow.customer_id == mine.order.customer_id, theirs).order_by(AuditRow.id.desc()).limit(SHOWN))
    ).scalars()
    return [
        Entry(id=str(row.id), at=row.at, kind="staff", what=row.action, reason=row.reason, actor=row.actor, subject_type=row.object_type)
        for row in rows
    ]
