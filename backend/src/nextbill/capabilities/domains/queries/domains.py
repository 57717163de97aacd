"""Reads of domains, and the lock that commands work under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.domains.errors import DomainNotFound
from nextbill.capabilities.domains.models import DomainRow, HandleRow
from nextbill.capabilities.domains.ports import Handles
from nextbill.capabilities.domains.rules import GONE, registrant_fields
from nextbill.kernel.domain_name import DomainName
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging


@dataclass(frozen=True, slots=True)
class Domain:
    """A name as its holder and staff see it. `reason` and `faults` say why it was refused or parked."""

    id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    name: DomainName
    years: int
    state: str
    nameservers: tuple[str, ...]
    expires_on: date | None
    reason: str | None
    faults: dict[str, str]
    auto_renew: bool
    renews_apart: bool
    requested_at: datetime
    registered_at: datetime | None


async def get_domain(tx: ReadTx, domain_id: UUID) -> Domain:
    row = await tx.get(DomainRow, domain_id, populate_existing=True)
    if row is None:
        raise DomainNotFound
    return _shown(row)


async def domain_for(tx: ReadTx, *, reference_type: str, reference_id: UUID) -> Domain | None:
    """The domain that was last requested for a reference, for instance ("orders.line", line_id): a refused name may be followed by another."""
    those = select(DomainRow).where(DomainRow.reference_type == reference_type, DomainRow.reference_id == reference_id)
    row = (await tx.execute(those.order_by(DomainRow.id.desc()).limit(1))).scalar_one_or_none()
    return None if row is None else _shown(row)


async def list_domains(tx: ReadTx, *, paging: Paging, customer_id: UUID | None = None) -> list[Domain]:
    """Newest first, one more than the page."""
    statement = select(DomainRow)
    if customer_id is not None:
        statement = statement.where(DomainRow.customer_id == customer_id)
    return [_shown(row) for row in (await tx.execute(paging.apply(statement, DomainRow.id))).scalars()]


async def held_names(tx: ReadTx, names: Sequence[DomainName]) -> frozenset[str]:
    """Those of the names that somebody has, or has ordered, through us. Sees other customers' rows: role WORK."""
    held = select(DomainRow.name).where(DomainRow.name.in_([name.ascii for name in names]), DomainRow.state.not_in(GONE))
    return frozenset((await tx.execute(held)).scalars())


async def locked(tx: ReadTx, domain_id: UUID) -> DomainRow:
    row = (await tx.execute(select(DomainRow).where(DomainRow.id == domain_id).with_for_update())).scalar_one_or_none()
    if row is None:
        raise DomainNotFound
    return row


async def known_handles(tx: ReadTx, row: DomainRow) -> Handles | None:
    """The registrar's records of this domain's registrant, if they have been made."""
    matching = select(HandleRow).where(
        HandleRow.customer_id == row.customer_id, HandleRow.tld == row.tld, HandleRow.fingerprint == row.registrant_fingerprint
    )
    found = (await tx.execute(matching)).scalar_one_or_none()
    return None if found is None else Handles(found.customer_ref, found.contact_ref)


async def registrant_email(tx: ReadTx, domain_id: UUID, *, cipher: FieldCipher) -> str:
    """Where the registrant, as ordered, is written to. DomainNotFound."""
    row = await tx.get(DomainRow, domain_id)
    if row is None:
        raise DomainNotFound
    return registrant_fields(cipher.decrypt(row.registrant_sealed, table="domains_domain", row=row.id, column="registrant_sealed"))["email"]


def _shown(row: DomainRow) -> Domain:
    return Domain(
        id=row.id,
        customer_id=row.customer_id,
        reference_type=row.reference_type,
        reference_id=row.reference_id,
        name=DomainName(row.name),
        years=row.years,
        state=row.state,
        nameservers=tuple(row.nameservers),
        expires_on=row.expires_on,
        reason=row.reason,
        faults=dict(row.faults or {}),
        auto_renew=row.auto_renew,
        renews_apart=row.renews_apart,
        requested_at=row.requested_at,
        registered_at=row.registered_at,
    )
