"""Asking for a change: shown first, then exactly that, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from nextbill.capabilities import customers, invoicing
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.applying import apply, settle_next
from nextbill.capabilities.subscriptions.commands.asking import Asked, asked
from nextbill.capabilities.subscriptions.commands.giving_back import give_back
from nextbill.capabilities.subscriptions.commands.writing import By, note
from nextbill.capabilities.subscriptions.errors import AlreadyEnding, ChangePending, DoesNotFit, NotInThisState, PreviewOutdated
from nextbill.capabilities.subscriptions.events import ChangeRequested, ChangeScheduled
from nextbill.capabilities.subscriptions.models import ChangeRow, SubscriptionRow
from nextbill.capabilities.subscriptions.queries import Subscription, Wish
from nextbill.capabilities.subscriptions.rules import CHANGE, Excess, Preview, Situation, Terms, preview, rolled
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import ReadTx, Tx
from nextbill.runtime.events import publish

CHANGEABLE = ("trialing", "active")


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview with its tax, and what would have to go first."""

    preview: Preview
    asked: Asked
    too_much: tuple[Excess, ...]


async def preview_change(tx: ReadTx, subscription_id: UUID, wish: Wish, *, today: date, at_once: bool = False) -> Shown:
    """What now, what next, why. Writes nothing. `at_once`: staff's downgrade. What `request_change` refuses, but what does not fit is only told."""
    found = await queries.get_subscription(tx, subscription_id)
    if found.state not in CHANGEABLE:
        raise NotInThisState(f"It is {found.state}: only what runs and is paid for can be changed.")
    if found.cancel_on is not None:
        raise AlreadyEnding(f"It ends on {found.cancel_on}: take that back first.")
    kind, target = await queries.target_of(tx, found, wish, on=today)
    situation = Situation(queries.terms_of(found), rolled(found.schedule, today), await queries.discount_of(tx, found.id), today, at_once)
    shown = preview(kind, situation, target)
    customer = await customers.get_customer(tx, found.customer_id)
    return Shown(shown, await asked(tx, customer, shown, on=today), tuple(await queries.what_is_too_much(tx, found, target)))


async def request_change(
    tx: Tx, subscription_id: UUID, wish: Wish, *, by: By, today: date, now: datetime, quote: str | None = None, at_once: bool = False
) -> UUID:
    """Applied, scheduled, or waiting for its payment, as `preview_change` says; `quote` is the fingerprint of what was shown. The change's id.

    NotInThisState, AlreadyEnding, ChangePending, NothingChanges, PreviewOutdated, DoesNotFit, or the catalog's refusal."""
    row = await queries.lock_subscription(tx, subscription_id)
    if any(change.kind != "price" for change in await queries.open_changes(tx, row.id)):
        raise ChangePending
    shown = await preview_change(tx, subscription_id, wish, today=today, at_once=at_once)
    if quote is not None and quote != shown.preview.fingerprint:
        raise PreviewOutdated
    if shown.too_much:
        raise DoesNotFit(
            fields={f"usage.{one.resource}": f"remove {one.to_remove} of {one.used}: {one.limit} are allowed then" for one in shown.too_much}
        )
    found = await queries.get_subscription(tx, subscription_id)
    change = await _write(tx, row, found, shown, by=by, now=now)
    if change.state == "applied":
        await apply(tx, row, change, shown.preview.target, by=by, on=today, now=now)
        if shown.preview.credit:
            await give_back(
                tx, row, shown.preview.credit, since=found.schedule.period.start, reason=_reason(found, shown.preview.target), on=today, now=now
            )
    else:
        await settle_next(tx, row)
        await _tell(tx, row, change, by=by, today=today, now=now)
    return change.id


async def _write(tx: Tx, row: SubscriptionRow, found: Subscription, shown: Shown, *, by: By, now: datetime) -> ChangeRow:
    look, change_id = shown.preview, new_id()
    proforma_id = None
    if look.when == "when_paid":
        customer = await customers.get_customer(tx, row.customer_id)
        proforma_id = await invoicing.create_proforma(
            tx, customer_id=row.customer_id, origin_type=CHANGE, origin_id=change_id, lines=shown.asked.lines, buyer=invoicing.buyer_of(customer),
            currency=row.currency, now=now, references=invoicing.References(buyer_reference=customer.buyer_reference),
        )  # fmt: skip
    state = {"when_paid": "waiting_payment", "at_period_end": "scheduled", "at_once": "applied"}[look.when]
    change = ChangeRow(
        id=change_id, subscription_id=row.id, customer_id=row.customer_id, kind=look.kind, direction=look.direction, state=state,
        target=look.target.to_json(), lines=[line.to_json() for line in look.lines], fingerprint=look.fingerprint, now_minor=look.now.minor,
        credit_minor=look.credit.minor, next_minor=look.next_net.minor, currency=row.currency, asked_on=look.asked_on, effective_on=look.effective_on,
        valid_until=look.valid_until, proforma_id=proforma_id, asked_by=by.actor, reason=by.reason, created_at=now,
        settled_at=now if state == "applied" else None,
    )  # fmt: skip
    tx.add(change)
    await tx.flush()
    return change


async def _tell(tx: Tx, row: SubscriptionRow, change: ChangeRow, *, by: By, today: date, now: datetime) -> None:
    ids = {"change_id": change.id, "subscription_id": row.id, "customer_id": row.customer_id}
    detail = {"change_id": str(change.id), "kind": change.kind, "to": change.target["plan_name"], "effective_on": change.effective_on.isoformat()}
    await note(tx, row, f"change_{change.state}", actor=by.actor, on=today, now=now, detail=detail)
    if change.proforma_id is not None and change.valid_until is not None:
        await publish(tx, ChangeRequested(**ids, proforma_id=change.proforma_id, valid_until=change.valid_until), now=now)
    else:
        await publish(tx, ChangeScheduled(**ids, effective_on=change.effective_on), now=now)


def _reason(found: Subscription, target: Terms) -> str:
    return f"Changed from {found.plan_name} to {target.plan_name}" if found.plan_name != target.plan_name else f"{found.plan_name} was changed"
