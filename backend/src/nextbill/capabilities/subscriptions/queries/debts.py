"""Which subscriptions an invoice bills, and which invoices a subscription lives on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, func, or_, select, text

from nextbill.capabilities import invoicing
from nextbill.capabilities.subscriptions.models import UNLINED, PeriodRow, SubscriptionRow
from nextbill.capabilities.subscriptions.rules import SUBSCRIPTION
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
    theirs = select(PeriodRow.subscription_id).where(await billed_on(tx, invoice_ids))
    return await _locked(tx, _standing().where(SubscriptionRow.id.in_(theirs), SubscriptionRow.state.in_(states)), wait=wait)


async def billed_on(tx: ReadTx, invoice_ids: Collection[UUID]) -> ColumnElement[bool]:
    """A condition: the periods that are on these invoices. Of what a run has billed there is no index by invoice, which each of a million periods would have
    to be entered in: the lines tell whose they are."""
    here = PeriodRow.invoice_id == any_(bulk.ids(invoice_ids))
    subjects = await invoicing.subjects_of(tx, invoice_ids, reference_type=SUBSCRIPTION)
    return or_(and_(here, text(UNLINED)), and_(here, PeriodRow.subscription_id == any_(bulk.ids(subjects))))


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
