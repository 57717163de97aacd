"""Which subscriptions an invoice bills, and which invoices a subscription lives on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import any_, func, select

from nextbill.capabilities.subscriptions.models import PeriodRow, SubscriptionRow
from nextbill.runtime import bulk
from nextbill.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Billed:
    """`invoice_ids`: of all its periods."""

    subscription_id: UUID
    state: str
    invoice_ids: tuple[UUID, ...]


async def lock_billed_by(tx: Tx, invoice_ids: Collection[UUID], *, states: Collection[str]) -> list[Billed]:
    """Those in one of the states whose periods these invoices bill. Locked by id, so that what is read about them next is not older."""
    theirs = select(PeriodRow.subscription_id).where(PeriodRow.invoice_id == any_(bulk.ids(invoice_ids)))
    locked = select(SubscriptionRow.id, SubscriptionRow.state).where(SubscriptionRow.id.in_(theirs), SubscriptionRow.state.in_(states))
    found = {row.id: row.state for row in await tx.execute(locked.order_by(SubscriptionRow.id).with_for_update())}
    if not found:
        return []
    papers = select(PeriodRow.subscription_id, func.array_agg(PeriodRow.invoice_id.distinct()))
    papers = papers.where(PeriodRow.subscription_id == any_(bulk.ids(found)), PeriodRow.invoice_id.is_not(None)).group_by(PeriodRow.subscription_id)
    of_each = {row[0]: tuple(paper for paper in row[1] if paper is not None) for row in await tx.execute(papers)}
    return [Billed(id_, state, of_each.get(id_, ())) for id_, state in found.items()]
