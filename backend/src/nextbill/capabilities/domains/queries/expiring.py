"""Names that expire, and how far the look for them has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, select, tuple_

from nextbill.capabilities.domains.models import DomainRow, PassRow, RenewalRow
from nextbill.capabilities.domains.rules import UNDER_WAY, Outlook, outlook
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class Expiring:
    id: UUID
    customer_id: UUID
    tld: str
    expires_on: date
    outlook: Outlook


def expiring_statement(
    *, first: date, last: date, after: tuple[date, UUID] | None, limit: int
) -> Select[UUID, UUID, str, date | None, bool, date | None, str | None, str | None]:
    under_way = and_(RenewalRow.domain_id == DomainRow.id, RenewalRow.from_on == DomainRow.expires_on, RenewalRow.state.in_(UNDER_WAY))
    found = select(
        DomainRow.id, DomainRow.customer_id, DomainRow.tld, DomainRow.expires_on, DomainRow.auto_renew, DomainRow.billed_for,
        RenewalRow.collection, RenewalRow.state,
    ).outerjoin(RenewalRow, under_way)  # fmt: skip
    found = found.where(DomainRow.state == "active", DomainRow.expires_on >= first, DomainRow.expires_on <= last)
    if after is not None:
        found = found.where(tuple_(DomainRow.expires_on, DomainRow.id) > tuple_(*after))
    return found.order_by(DomainRow.expires_on, DomainRow.id).limit(limit)


async def expiring(tx: ReadTx, *, first: date, last: date, after: tuple[date, UUID] | None, limit: int, today: date) -> list[Expiring]:
    """Names that we hold and that expire within, in the order of that day."""
    found = []
    for row in (await tx.execute(expiring_statement(first=first, last=last, after=after, limit=limit))).all():
        # What was decided otherwise for this expiry, and is not under way any more, does not come by itself.
        wished = row.auto_renew and (row.state is not None or row.billed_for is None or row.billed_for < row.expires_on)
        comes = outlook(auto_renew=wished, collection=row.collection, state=row.state, left=(row.expires_on - today).days)
        found.append(Expiring(row.id, row.customer_id, row.tld, row.expires_on, comes))
    return found


async def looked_until(tx: ReadTx, what: str) -> date | None:
    return (await tx.execute(select(PassRow.done_on).where(PassRow.what == what))).scalar_one_or_none()
