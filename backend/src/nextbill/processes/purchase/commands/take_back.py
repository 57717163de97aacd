"""Cancelling what was bought and not delivered: the intent first, then a credit note, then the money. One transaction each.

What a partner may have been told already is never taken back by assumption: then it is refused, and a look decides first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from nextbill.capabilities import domains, hosting, identity, invoicing, ledger, licensing, orders, payments, subscriptions
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money, total
from nextbill.processes.purchase.commands.deliver import LINE, Means, register_name
from nextbill.processes.purchase.rules import (
    DELIVERABLE,
    LOOK_AGAIN,
    UNANSWERED,
    MayExistAlready,
    NotDelivered,
    TooEarlyToCancel,
    cancellable_from,
    line_of,
)
from nextbill.runtime.database import Tx

TAKEN_OFF: Final = "It was taken off its invoice before the order was paid."


@dataclass(frozen=True, slots=True)
class By:
    """Who cancels and why. `reason` is printed on the credit note; a customer (`own_right`) is held to what the rules give."""

    actor: str
    reason: str
    own_right: bool = False


async def cancel_order(tx: Tx, order_id: UUID, *, by: By, means: Means, now: datetime) -> None:
    """Unpaid: at any time. Paid: while nothing was delivered, for customers after a day; the whole goes back.

    OrderNotCancellable, TooEarlyToCancel, MayExistAlready. Cancelled twice is cancelled.
    """
    order = await orders.hold(tx, order_id)
    if order.state == "cancelled":
        return
    wanted = [line for line in order.lines if line.state != "cancelled"]
    if order.state == "paid":
        if any(line.state == "delivered" for line in order.lines):
            raise orders.OrderNotCancellable("A part of it has been delivered: cancel the other lines one by one.")
        for line in wanted:
            _check_right(order, line, by, now)
            await _withdraw(tx, line, now=now)
    else:
        await _void_terms(tx, order, by=by, zone=means.zone, now=now)
    await orders.cancel_order(tx, order_id, reason=by.reason, now=now)
    if order.state == "paid":
        await _money_back(tx, order, {line.id for line in wanted}, by=by, zone=means.zone, now=now)
    await _audit(tx, order, "order.cancelled", orders.ORDER, order.id, by=by, now=now)


async def cancel_line(tx: Tx, order_id: UUID, line_id: UUID, *, by: By, means: Means, now: datetime) -> None:
    """One line of a paid order that was not delivered: its price goes back, the rest goes on. The last one left ends the order.

    OrderNotCancellable, TooEarlyToCancel, MayExistAlready. Cancelled twice is cancelled.
    """
    order = await orders.hold(tx, order_id)
    line = line_of(order, line_id)
    if line.state == "cancelled":
        return
    if order.state != "paid" or line.state == "delivered":
        raise orders.OrderNotCancellable("Only what was paid and not delivered can be cancelled line by line.")
    _check_right(order, line, by, now)
    await _withdraw(tx, line, now=now)
    await orders.mark_line(tx, line.id, state="cancelled", reason=by.reason, now=now)
    await _money_back(tx, order, {line.id}, by=by, zone=means.zone, now=now)
    await _audit(tx, order, "order.line_cancelled", LINE, line.id, by=by, now=now)
    await _go_on(tx, order, line, by=by, means=means, now=now)


async def drop_credited(tx: Tx, order_id: UUID, *, means: Means, now: datetime) -> None:
    """Of an order that has just been paid: a line that staff took off its invoice whole before that is not delivered, for nobody has paid for it."""
    order = await orders.hold(tx, order_id)
    issued = await _papers(tx, order)
    if order.state != "paid" or not any(paper.credited for paper in issued):
        return  # as for nearly every order
    papers = [await invoicing.get_invoice(tx, paper.id) for paper in sorted(issued, key=lambda paper: paper.id, reverse=True)]
    by = By("system", TAKEN_OFF)
    dropped = [line for line in order.lines if line.state == "waiting" and _is_taken_off(line, papers)]
    for line in dropped:
        await orders.mark_line(tx, line.id, state="cancelled", reason=by.reason, now=now)
        await _audit(tx, order, "order.line_cancelled", LINE, line.id, by=by, now=now)
    for line in dropped:
        await _go_on(tx, order, line, by=by, means=means, now=now)


def _is_taken_off(line: orders.OrderLine, papers: Sequence[invoicing.Invoice]) -> bool:
    """`papers`: youngest first. One whose tax was corrected was credited whole and issued anew, without what had been taken off before."""
    for paper in papers:
        chosen = [one for one in paper.lines if one.reference_type == LINE and one.reference_id == line.id]
        if chosen:
            return any(one.gross for one in chosen) and not any(_left_of(paper, chosen).values())
    return False


async def cancel_unanswered(tx: Tx, line_id: UUID, *, means: Means, now: datetime) -> None:
    """For a refused name to which the customer has not answered in 72 hours. Looks again: an answer may have come meanwhile."""
    line = await orders.get_line(tx, line_id)
    order = await orders.hold(tx, line.order_id)
    line = line_of(order, line_id)
    if order.state != "paid" or line.state != "refused" or line.changed_at > now - UNANSWERED:
        return
    by = By("system", f"{line.domain_name} could not be registered, and no other name was chosen within 72 hours.")
    await cancel_line(tx, order.id, line.id, by=by, means=means, now=now)


async def refund_line(tx: Tx, order_id: UUID, line_id: UUID, *, by: By, means: Means, now: datetime) -> None:
    """Staff's goodwill: the price of a delivered line goes back, and it stays delivered. NotDelivered, NothingToCredit."""
    order = await orders.hold(tx, order_id)
    line = line_of(order, line_id)
    if line.state != "delivered":
        raise NotDelivered
    await _money_back(tx, order, {line.id}, by=by, zone=means.zone, now=now, credited_before=False)
    await _audit(tx, order, "order.line_refunded", LINE, line.id, by=by, now=now)


def _check_right(order: orders.Order, line: orders.OrderLine, by: By, now: datetime) -> None:
    """A refused name may be cancelled at once, all else when the delivery has taken a day."""
    if not by.own_right or line.state == "refused":
        return
    earliest = cancellable_from(order)
    if now < earliest:
        raise TooEarlyToCancel(
            f"It is being delivered. If it is not by then, it can be cancelled from {earliest:%Y-%m-%d %H:%M} UTC.",
            possible_from=earliest.isoformat(),
        )


async def expire_order(tx: Tx, order_id: UUID, *, means: Means, now: datetime) -> None:
    """For an order that was not paid in its time: what it held of stocks and coupons is free again. Looks again: the money may have come meanwhile.

    One that was invoiced on terms waits for its invoice: that has a day of its own."""
    order = await orders.hold(tx, order_id)
    if order.state != "pending":
        return
    if any(not paper.is_taken_back for paper in await _papers(tx, order)):
        await orders.wait_longer(tx, order.id, until=now + LOOK_AGAIN)
        return
    await cancel_order(tx, order.id, by=By("system", "It was not paid in time."), means=means, now=now)


async def _void_terms(tx: Tx, order: orders.Order, *, by: By, zone: str, now: datetime) -> None:
    """What was invoiced on terms, and nobody has paid anything of."""
    for paper in await _papers(tx, order):
        if paper.state in ("open", "uncollectible") and not paper.paid:
            await invoicing.void_invoice(tx, paper.id, reason=by.reason, on=business_date(now, zone), now=now)


async def _papers(tx: Tx, order: orders.Order) -> list[invoicing.InvoiceSummary]:
    return await invoicing.invoices_of(tx, origin_type=orders.ORDER, origin_id=order.id)


async def _withdraw(tx: Tx, line: orders.OrderLine, *, now: datetime) -> None:
    """Takes back the intents of a line. MayExistAlready where a partner may have carried one out."""
    if line.kind == "domain":
        domain = await domains.domain_for(tx, reference_type=LINE, reference_id=line.id)
        if domain is not None and not await domains.withdraw_registration(tx, domain_id=domain.id, now=now):
            raise MayExistAlready(f"{line.domain_name} may have been registered already: its step has to come to an end first.")
        return
    account = await hosting.account_for(tx, reference_type=LINE, reference_id=line.id)
    if account is not None and not await hosting.withdraw_account(tx, account_id=account.id, now=now):
        raise MayExistAlready(f"The account for {line.domain_name} may exist already: its step has to come to an end first.")
    if "subscription_id" in line.result:
        await subscriptions.cancel_undelivered(tx, subscription_id=UUID(line.result["subscription_id"]), now=now)
    license_ = await licensing.license_for(tx, reference_type=LINE, reference_id=line.id)
    if license_ is not None:
        await licensing.cancel_license(tx, license_id=license_.id, now=now)


async def _money_back(
    tx: Tx, order: orders.Order, line_ids: Collection[UUID], *, by: By, zone: str, now: datetime, credited_before: bool = True
) -> None:
    """A credit note over the lines, and their price back by the way it came.

    What staff has credited by hand of them gets no second note. `credited_before`: it is sent all the same, as far as the customer still has it.
    """
    living = [paper.id for paper in await _papers(tx, order) if paper.state != "void"]
    if not living:
        if order.total:
            raise LookupError(f"order {order.number} was paid without an invoice")
        return  # Nothing was charged for it.
    # The youngest: an invoice whose tax was corrected was credited whole and issued anew.
    paper = await invoicing.get_invoice(tx, max(living))
    chosen = [line for line in paper.lines if line.reference_type == LINE and line.reference_id in line_ids]
    left = _left_of(paper, chosen)
    if any(line.gross for line in chosen) and (left or not credited_before):
        lines = list(left) or [line.id for line in chosen]  # all are credited: refused there
        await invoicing.credit_note(tx, paper.summary.id, reason=by.reason, on=business_date(now, zone), now=now, lines=lines)
    back = [line.gross for line in chosen] if credited_before else list(left.values())
    await _send_back(tx, order, total(back, order.total.currency), by=by, zone=zone, now=now)


def _left_of(paper: invoicing.Invoice, chosen: Sequence[invoicing.Line]) -> dict[UUID, Money]:
    """The lines of which something was not credited yet, with how much: staff may have credited a part of one by hand."""
    gone: dict[UUID, Money] = {}
    for credited in (line for note in paper.credit_notes for line in note.lines):
        before = gone.get(credited.invoice_line_id, Money.zero(credited.net.currency))
        gone[credited.invoice_line_id] = before + credited.gross
    return {
        line.id: line.gross - gone.get(line.id, Money.zero(line.gross.currency))
        for line in chosen
        if line.id not in gone or line.gross > gone[line.id]
    }


async def _send_back(tx: Tx, order: orders.Order, amount: Money, *, by: By, zone: str, now: datetime) -> None:
    """By a step, through the payment that it came by: no more than is left of it, and no more than we owe the customer."""
    payable_id = await orders.payable_of(tx, order.id)
    attempts = await payments.attempts_of(tx, payable_id) if payable_id else []
    paid_by = next((attempt for attempt in attempts if attempt.state == "succeeded" and not attempt.surplus), None)
    if paid_by is None:
        return
    await ledger.hold_credit(tx, order.customer_id)
    free = await invoicing.free_credit(tx, order.customer_id, amount.currency)
    minor = min(amount.minor, paid_by.paid.minor - paid_by.refunded.minor, free.minor)
    if minor > 0:
        money = Money(minor, amount.currency)
        await payments.request_refund(tx, attempt_id=paid_by.id, amount=money, reason=by.reason, actor=by.actor, zone=zone, now=now)


async def _go_on(tx: Tx, order: orders.Order, cancelled: orders.OrderLine, *, by: By, means: Means, now: datetime) -> None:
    """What waited for the line goes on without it; the order may be complete now, or over."""
    lines = (await orders.get_order(tx, order.id)).lines
    if all(line.state == "cancelled" for line in lines):
        await orders.cancel_order(tx, order.id, reason=by.reason, now=now)
        return
    for line in lines:
        if line.hosting_line_id == cancelled.id and line.state in DELIVERABLE:
            if line.included_for is not None:
                # It came with the plan, and goes with it; what was paid for its further years goes back.
                await cancel_line(tx, order.id, line.id, by=By(by.actor, by.reason), means=means, now=now)
            elif (await identity.login_of_customer(tx, order.customer_id)).verified_at is not None:  # else with the click that confirms the address
                await register_name(tx, line.id, means=means, now=now)
    await orders.complete_if_delivered(tx, order.id, now=now)


async def _audit(tx: Tx, order: orders.Order, action: str, object_type: str, object_id: UUID, *, by: By, now: datetime) -> None:
    what = {"action": action, "object_type": object_type, "customer_id": order.customer_id, "detail": {"order_id": str(order.id)}}
    await identity.audit(tx, actor=by.actor, object_id=object_id, reason=by.reason, now=now, **what)  # type: ignore[arg-type]  # fields of several types
