"""Which names are to be renewed, claimed for the run; and what became of renewals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import select, text

from nextbill.capabilities.domains.errors import RenewalNotFound
from nextbill.capabilities.domains.models import RENEWAL_LIVES, TO_BILL, DomainRow, RenewalRow
from nextbill.capabilities.domains.rules import RenewalCollection, RenewalState, Renewing
from nextbill.kernel.domain_name import DomainName
from nextbill.runtime.bulk import uuids
from nextbill.runtime.database import ReadTx, Tx
from nextbill.runtime.web.paging import Paging

_DUE: Final = f"{TO_BILL} and expires_on <= :until"
_COLUMNS: Final = "id, customer_id, name, tld, expires_on, reference_type, reference_id, renews_apart"
_NEAR = text(
    f"select id, customer_id from domains_domain where {_DUE} order by expires_on, id limit :limit for update skip locked"  # noqa: S608  # constants of this file
)
_OF_CUSTOMERS = text(
    f"select {_COLUMNS} from domains_domain where customer_id = any(cast(:customers as uuid[])) and {_DUE} "  # noqa: S608  # constants of this file
    "order by customer_id, expires_on, id for update skip locked"
)
_THESE = text(
    f"select {_COLUMNS} from domains_domain where id = any(cast(:ids as uuid[])) and {TO_BILL} order by id for update skip locked"  # noqa: S608  # constants of this file
)
_SEEN_OF_CUSTOMERS = text(
    f"select {_COLUMNS} from domains_domain where customer_id = any(cast(:customers as uuid[])) and {_DUE} order by customer_id, expires_on, id"  # noqa: S608  # constants of this file
)
_SEEN = text(f"select {_COLUMNS} from domains_domain where {_DUE} order by expires_on, id limit :limit")  # noqa: S608  # constants of this file
_ANY = text(f"select (select id from domains_domain where {_DUE} order by expires_on, id limit 1) is not null")  # noqa: S608  # constants of this file
_BY_DAY = text(
    "select greatest(expires_on - cast(:ahead as int), :first) as day, count(*) as many from domains_domain "  # noqa: S608  # constants of this file
    f"where {_DUE} group by 1 order by 1"
)


@dataclass(frozen=True, slots=True)
class RenewalView:
    """A renewal from `from_on` on; `expires_on` the registrar's day once it is done. `paid_at`: since when it may be asked for."""

    id: UUID
    domain_id: UUID
    customer_id: UUID
    from_on: date
    years: int
    state: RenewalState
    collection: RenewalCollection
    alone: bool
    invoice_id: UUID | None
    line_id: UUID | None
    reason: str | None
    expires_on: date | None
    created_at: datetime
    paid_at: datetime | None
    changed_at: datetime


async def claim_due(tx: Tx, *, until: date, limit: int) -> list[Renewing]:
    """About `limit` names that expire by that day, whole customers, locked; those that others hold are left out."""
    near = (await tx.execute(_NEAR, {"until": until, "limit": limit})).all()
    return await claim_of(tx, {row.customer_id for row in near}, until=until) if near else []


async def claim_of(tx: Tx, customer_ids: Collection[UUID], *, until: date) -> list[Renewing]:
    """All that these customers have by that day."""
    if not customer_ids:
        return []
    return _read(await tx.execute(_OF_CUSTOMERS, {"customers": uuids(sorted(customer_ids)), "until": until}))


async def claim_these(tx: Tx, domain_ids: Sequence[UUID]) -> list[Renewing]:
    """Those of them that are to be billed still."""
    return _read(await tx.execute(_THESE, {"ids": uuids(domain_ids)}))


async def look_at_due(tx: ReadTx, *, until: date, limit: int) -> list[Renewing]:
    """Without a lock, for a dry run."""
    return _read(await tx.execute(_SEEN, {"until": until, "limit": limit}))


async def look_at_those_of(tx: ReadTx, customer_ids: Collection[UUID], *, until: date) -> list[Renewing]:
    if not customer_ids:
        return []
    return _read(await tx.execute(_SEEN_OF_CUSTOMERS, {"customers": uuids(sorted(customer_ids)), "until": until}))


async def is_any_due(tx: ReadTx, *, until: date) -> bool:
    return bool((await tx.execute(_ANY, {"until": until})).scalar_one())


async def due_by_day(tx: ReadTx, *, first: date, until: date, ahead: int) -> list[tuple[date, int]]:
    """How many names are billed on which day, `ahead` days before they expire; what is overdue on the first one."""
    rows = await tx.execute(_BY_DAY, {"first": first, "until": until, "ahead": ahead})
    return [(row.day, row.many) for row in rows]


async def next_of(tx: ReadTx, domain_id: UUID) -> Renewing | None:
    """What is to be billed of it next, whenever that is."""
    found = text(f"select {_COLUMNS} from domains_domain where id = :id and {TO_BILL}")  # noqa: S608  # constants of this file
    return next(iter(_read(await tx.execute(found, {"id": domain_id}))), None)


async def lock_renewal(tx: Tx, renewal_id: UUID) -> RenewalRow:
    found = select(RenewalRow).where(RenewalRow.id == renewal_id).with_for_update()
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise RenewalNotFound
    return row


async def get_renewal(tx: ReadTx, renewal_id: UUID) -> RenewalView:
    row = await tx.get(RenewalRow, renewal_id, populate_existing=True)
    if row is None:
        raise RenewalNotFound
    return _view(row)


async def latest_renewal(tx: ReadTx, domain_id: UUID) -> RenewalView | None:
    found = select(RenewalRow).where(RenewalRow.domain_id == domain_id).order_by(RenewalRow.id.desc()).limit(1)
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    return None if row is None else _view(row)


async def is_renewal_living(tx: ReadTx, row: DomainRow) -> bool:
    """Whether its present expiry has a renewal that is under way, or done."""
    living = select(RenewalRow.id).where(RenewalRow.domain_id == row.id, RenewalRow.from_on == row.expires_on, text(RENEWAL_LIVES))
    return (await tx.execute(living.limit(1))).first() is not None


async def renewals_on(tx: ReadTx, invoice_id: UUID) -> list[RenewalView]:
    """Those that an invoice is or was about, in the order in which they were billed."""
    found = select(RenewalRow).where(RenewalRow.invoice_id == invoice_id).order_by(RenewalRow.id)
    return [_view(row) for row in (await tx.execute(found, execution_options={"populate_existing": True})).scalars()]


async def renewals_of_chunk(tx: ReadTx, chunk_id: UUID, *, after: UUID | None, limit: int) -> list[RenewalView]:
    found = select(RenewalRow).where(RenewalRow.chunk_id == chunk_id)
    if after is not None:
        found = found.where(RenewalRow.id > after)
    return [_view(row) for row in (await tx.execute(found.order_by(RenewalRow.id).limit(limit))).scalars()]


async def invoices_of_names(tx: ReadTx, chunk_id: UUID, *, after: UUID | None, limit: int) -> list[UUID]:
    """A chunk's invoices that hold names only, by their ids."""
    found = select(RenewalRow.invoice_id).where(RenewalRow.chunk_id == chunk_id, RenewalRow.alone, RenewalRow.invoice_id > (after or UUID(int=0)))
    rows = (await tx.execute(found.distinct().order_by(RenewalRow.invoice_id).limit(limit))).scalars()
    return [id_ for id_ in rows if id_ is not None]


async def unpaid_since(tx: ReadTx, *, before: date, limit: int) -> list[UUID]:
    """Renewals on open invoices whose name expired before that day."""
    found = select(RenewalRow.id).where(RenewalRow.state == "invoiced", RenewalRow.from_on < before)
    return list((await tx.execute(found.order_by(RenewalRow.from_on, RenewalRow.id).limit(limit))).scalars())


async def renewals_waiting(tx: ReadTx, paging: Paging) -> list[RenewalView]:
    """Set aside by the run, or parked at the registrar: for staff, newest first."""
    found = select(RenewalRow).where(RenewalRow.state.in_(("held", "parked")))
    return [_view(row) for row in (await tx.execute(paging.apply(found, RenewalRow.id))).scalars()]


def _read(rows: Any) -> list[Renewing]:
    return [
        Renewing(row.id, row.customer_id, DomainName(row.name), row.tld, row.expires_on, row.reference_type, row.reference_id, row.renews_apart)
        for row in rows
    ]


def _view(row: RenewalRow) -> RenewalView:
    return RenewalView(
        row.id, row.domain_id, row.customer_id, row.from_on, row.years, cast("RenewalState", row.state), cast("RenewalCollection", row.collection),
        row.alone, row.invoice_id, row.line_id, row.reason, row.expires_on, row.created_at, row.paid_at, row.changed_at,
    )  # fmt: skip
