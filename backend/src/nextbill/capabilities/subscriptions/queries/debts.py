"""Which subscriptions an invoice bills, and which invoices a subscription lives on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, any_, func, select

from nextbill.capabilities.subscriptions.models import PeriodRow, SubscriptionRow
from nextbill.runtime import bulk
from nextbill.runtime.database import ReadTx, Tx


@dataclass(frozen=True, slots=True)
class Invoiced:
    """`invoice_ids`: of all its periods."""

    subscription_id: UUID
    state: str
    invoice_ids: tuple[UUID, ...]


async def lock_billed_by(tx: Tx, invoice_ids: Collection[UUID], *, states: Collection[str], wait: bool = True) -> list[Invoiced]:
    """Those in one of the states whose periods these invoices bill. Locked by id, so that what is read about them next is not older; without `wait` those
    that somebody else holds are left out."""
    theirs = select(PeriodRow.subscription_id).where(PeriodRow.invoice_id == any_(bulk.ids(invoice_ids)))
    return await _locked(tx, _standing().where(SubscriptionRow.id.in_(theirs), SubscriptionRow.state.in_(states)), wait=wait)


async def lock_past_due(tx: Tx, ids: Collection[UUID]) -> list[Invoiced]:
    """Those of these that are, and that nobody else holds."""
    return await _locked(tx, _standing().where(SubscriptionRow.id == any_(bulk.ids(ids)), SubscriptionRow.state == "past_due"), wait=False)


async def past_due_page(tx: ReadTx, *, after: UUID | None, limit: int) -> list[UUID]:
    found = select(SubscriptionRow.id).where(SubscriptionRow.state == "past_due").order_by(SubscriptionRow.id).limit(limit)
    return list((await tx.execute(found if after is None else found.where(SubscriptionRow.id > after))).scalars())


def _standing() -> Select[UUID, str]:
    return select(SubscriptionRow.id, SubscriptionRow.state)


async def _locked(tx: Tx, wanted: Select[UUID, str], *, wait: bool) -> list[Invoiced]:
    rows = await tx.execute(wanted.order_by(SubscriptionRow.id).with_for_update(skip_locked=not wait))
    states = {row.id: row.state for row in rows}
    if not states:
        return []
    papers = select(PeriodRow.subscription_id, func.array_agg(PeriodRow.invoice_id.distinct()))
    papers = papers.where(PeriodRow.subscription_id == any_(bulk.ids(states)), PeriodRow.invoice_id.is_not(None)).group_by(PeriodRow.subscription_id)
    of_each = {row[0]: tuple(paper for paper in row[1] if paper is not None) for row in await tx.execute(papers)}
    return [Invoiced(id_, state, of_each.get(id_, ())) for id_, state in states.items()]
