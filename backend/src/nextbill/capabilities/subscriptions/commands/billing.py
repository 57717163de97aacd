"""What was billed moves on, what cannot be billed is set aside: many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import insert, select, text, update

from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.writing import SYSTEM, By, note
from nextbill.capabilities.subscriptions.errors import NotSetAside
from nextbill.capabilities.subscriptions.models import ChangeRow, HistoryRow, PeriodRow
from nextbill.capabilities.subscriptions.rules import Aside, Due, DueTerms
from nextbill.kernel.ids import new_id
from nextbill.runtime.bulk import Uuids, column, spans, uuids, words
from nextbill.runtime.database import Tx

LONGEST_REASON: Final = 500
_PERIODS = text(
    "insert into subscriptions_period (subscription_id, customer_id, period_index, period_start, period_end, invoice_id, line_id, chunk_id, created_at) "
    "select n.id, n.customer, e.at, e.start, e.until, n.invoice, n.line, :chunk, :now from unnest(cast(:firsts as int[]), cast(:lasts as int[]), "
    "cast(:at as int[]), cast(:starts as date[]), cast(:ends as date[])) as e(first, last, at, start, until) "
    "cross join lateral unnest((cast(:ids as uuid[]))[e.first:e.last], (cast(:customers as uuid[]))[e.first:e.last], "
    "(cast(:invoices as uuid[]))[e.first:e.last], (cast(:lines as uuid[]))[e.first:e.last]) as n(id, customer, invoice, line)"
)
_ADVANCE = text(
    "with moved as (update subscriptions_subscription s set billed_index = e.at, next_bill_on = e.next "
    "from unnest(cast(:firsts as int[]), cast(:lasts as int[]), cast(:at as int[]), cast(:nexts as date[]), cast(:ends as date[])) "
    "as e(first, last, at, next, until) "
    "cross join lateral unnest((cast(:ids as uuid[]))[e.first:e.last]) as n(id) where s.id = n.id and s.billed_index = e.at - 1 "
    "returning s.order_line_id, e.until) select m.until, array_send(array_agg(m.order_line_id)) as order_lines from moved m group by m.until"
)
_ASIDE = text(
    "update subscriptions_subscription s set billing_error = n.reason, billing_error_kind = n.kind, billing_error_at = :now "
    "from unnest(cast(:ids as uuid[]), cast(:kinds as text[]), cast(:reasons as text[])) as n(id, kind, reason) where s.id = n.id"
)


class Billed(Struct, frozen=True, gc=False):
    """A period that is on an invoice now; without one where nothing was to be paid."""

    due: Due
    invoice_id: UUID | None
    line_id: UUID | None


async def advance_billed(tx: Tx, billed: Sequence[Billed], *, chunk_id: UUID, now: datetime) -> dict[date, Uuids]:
    """In the transaction that writes their invoices. The keys of the periods' table refuse what was billed before, whoever did. By the first day that is not
    billed: whose order lines, as the database has sent them."""
    if not billed:
        return {}
    alike: dict[DueTerms, list[Billed]] = {}
    for one in billed:
        alike.setdefault(one.due.terms, []).append(one)
    ordered = [one for those in alike.values() for one in those]
    firsts, lasts = spans([len(those) for those in alike.values()])
    told = {
        "ids": uuids([one.due.id for one in ordered]),
        "firsts": firsts,
        "lasts": lasts,
        "at": column([terms.index for terms in alike]),
        "ends": column([terms.period.end for terms in alike]),
    }
    values = {
        "customers": uuids([one.due.customer_id for one in ordered]),
        "starts": column([terms.period.start for terms in alike]),
        "invoices": uuids([one.invoice_id for one in ordered]),
        "lines": uuids([one.line_id for one in ordered]),
    }
    await tx.execute(_PERIODS, {**told, **values, "chunk": chunk_id, "now": now})
    lasting = await tx.execute(_ADVANCE, {**told, "nexts": column([terms.then_bill_on for terms in alike])})
    return {row.until: Uuids(row.order_lines) for row in lasting}


async def set_aside(tx: Tx, asides: Sequence[Aside], *, on: date, now: datetime) -> None:
    """Not billed until staff has looked (`mend`). The history tells why."""
    if not asides:
        return
    values = {
        "ids": uuids([one.subscription_id for one in asides]),
        "kinds": column([one.kind for one in asides]),
        "reasons": words([one.reason[:LONGEST_REASON] for one in asides]),
    }
    await tx.execute(_ASIDE, {"now": now, **values})
    notes = [
        {
            "id": new_id(),
            "subscription_id": one.subscription_id,
            "customer_id": one.customer_id,
            "kind": "set_aside",
            "actor": SYSTEM,
            "detail": {"kind": one.kind, "error": one.reason[:LONGEST_REASON]},
            "on_day": on,
            "at": now,
        }
        for one in asides
    ]
    await tx.execute(insert(HistoryRow), notes)


async def allow_late(tx: Tx, subscription_id: UUID, *, by: By, today: date, now: datetime) -> None:
    """Staff has looked: everything that began by today is billed, however late. NotSetAside where it does not wait for that."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.billing_error is None:
        raise NotSetAside
    detail = {"error": row.billing_error, "reason": by.reason}
    row.billing_error = row.billing_error_at = row.billing_error_kind = None
    row.late_allowed_on = today
    await note(tx, row, "late_allowed", actor=by.actor, on=today, now=now, detail=detail)


async def move_papers(tx: Tx, invoice_id: UUID, lines: Mapping[UUID, UUID], *, replacement_id: UUID) -> None:
    """Another invoice takes this one's place: `lines` tells which line has become which. What gives back or voids looks at the new one from now on."""
    periods = (
        select(PeriodRow)
        .where(await queries.billed_on(tx, [invoice_id]))
        .order_by(PeriodRow.subscription_id, PeriodRow.period_index)
        .with_for_update()
    )
    for period in (await tx.execute(periods, execution_options={"populate_existing": True})).scalars().all():
        period.invoice_id = replacement_id
        period.line_id = lines.get(period.line_id) if period.line_id else None
    await tx.execute(update(ChangeRow).where(ChangeRow.invoice_id == invoice_id).values(invoice_id=replacement_id))
    await tx.flush()
