"""What was billed and is not used comes back: as credit notes on the lines that billed it, never more than is left of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete

from nextbill.capabilities import customers, invoicing, tax
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.models import PeriodRow, SubscriptionRow
from nextbill.capabilities.subscriptions.rules import CHANGE_LINE, ORDER_LINE, SUBSCRIPTION
from nextbill.kernel.money import Money, Rounding
from nextbill.runtime.database import ReadTx, Tx

SETUPS: Final = ("setup", "addon_setup")
"""What was done once is not given back by days."""


async def give_back(tx: Tx, row: SubscriptionRow, amount: Money, *, since: date, reason: str, on: date, now: datetime) -> Money:
    """In the terms of the price list. The youngest invoices first: of the changes since that day, then of the periods. What of it came back: less
    where staff has credited something already."""
    left = amount
    held = await _prices_hold_tax(tx, row, on=on)
    for invoice_id in await _invoices(tx, row, since=since, on=on):
        if not left:
            break
        by_line: dict[UUID, Money] = {}
        remains = await invoicing.left_by_line(tx, invoice_id)
        for line in (await invoicing.get_invoice(tx, invoice_id)).lines:
            sums = remains.get(line.id)
            if sums is None or not sums.gross or not left or not _ours(row, line):
                continue
            taken = min(left, sums.gross if held else sums.net)
            by_line[line.id] = _gross(taken, sums, line.tax_rate_ppm, held=held)
            left = left - taken
        if by_line:
            await invoicing.credit_note(tx, invoice_id, reason=reason, on=on, now=now, scope=invoicing.Scope(by_line=by_line))
    return amount - left


def _gross(taken: Money, left: invoicing.Totals, rate_ppm: int, *, held: bool) -> Money:
    if held:
        return taken
    return left.gross if taken == left.net else min(taken + taken.share(rate_ppm, tax.PPM, Rounding.HALF_UP), left.gross)


def _ours(row: SubscriptionRow, line: invoicing.Line) -> bool:
    if (line.reference_type, line.reference_id) == (ORDER_LINE, row.order_line_id):
        return line.details.get("part") not in SETUPS
    return line.reference_type == CHANGE_LINE or (line.reference_type, line.reference_id) == (SUBSCRIPTION, row.id)


async def _invoices(tx: Tx, row: SubscriptionRow, *, since: date, on: date) -> Sequence[UUID]:
    changes = await queries.change_invoices(tx, row.id, since=since)
    periods = [one.invoice_id for one in await queries.billed_periods(tx, row.id, ending_after=row.paused_on or on) if one.invoice_id is not None]
    return list(dict.fromkeys([*reversed(changes), *reversed(periods)]))


async def _prices_hold_tax(tx: Tx, row: SubscriptionRow, *, on: date) -> bool:
    where, policy = (await customers.get_customer(tx, row.customer_id)).address, await tax.policy_on(tx, on)
    return where is not None and policy is not None and policy.prices_include_tax(where.country)


async def void_unpaid(tx: Tx, row: SubscriptionRow, *, reason: str, on: date, now: datetime) -> None:
    """Periods that were billed ahead and that nobody has paid anything of: their lines are credited, and they may be billed again."""
    for one in reversed(await queries.billed_periods(tx, row.id)):
        if one.index <= row.period_index or one.closed_by is not None or not await _unpaid(tx, one.invoice_id):
            break
        if one.invoice_id is not None:
            remains = await invoicing.left_by_line(tx, one.invoice_id)
            lines = [line.id for line in (await invoicing.get_invoice(tx, one.invoice_id)).lines if _ours(row, line) and remains[line.id].gross]
            if lines:
                await invoicing.credit_note(tx, one.invoice_id, reason=reason, on=on, now=now, lines=lines)
        await tx.execute(delete(PeriodRow).where(PeriodRow.subscription_id == row.id, PeriodRow.period_index == one.index))
        row.billed_index = one.index - 1


async def billed_and_wanted(tx: ReadTx, found: queries.Subscription) -> int:
    """The last billed period once `void_unpaid` is through. Writes nothing."""
    last = found.billed_index
    for one in reversed(await queries.billed_periods(tx, found.id)):
        if one.index <= found.period_index or one.closed_by is not None or not await _unpaid(tx, one.invoice_id):
            break
        last = one.index - 1
    return last


async def _unpaid(tx: ReadTx, invoice_id: UUID | None) -> bool:
    if invoice_id is None:
        return True
    summary = (await invoicing.get_invoice(tx, invoice_id)).summary
    return summary.state in ("open", "uncollectible", "void") and not summary.paid
