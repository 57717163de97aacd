"""Certificates that free a customer from a country's tax: granted by staff who has seen them, ended, never rewritten."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from nextbill.capabilities.tax.errors import ExemptionNotFound
from nextbill.capabilities.tax.models import ExemptionRow
from nextbill.capabilities.tax.queries.buyers import GrantedExemption, granted
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx


async def grant_exemption(
    tx: Tx,
    *,
    customer_id: UUID,
    country: str,
    state: str | None,
    number: str,
    document: str,
    valid_from: date,
    valid_until: date,
    actor: str,
    now: datetime,
) -> GrantedExemption:
    """`document` says where the certificate is kept. Both days are within it. Invalid where they are the wrong way round."""
    if valid_until < valid_from:
        raise Invalid(fields={"valid_until": "not before the first day"})
    days = {"valid_from": valid_from, "valid_until": valid_until, "granted_at": now, "granted_by": actor}
    facts = {"customer_id": customer_id, "country": country, "state": state, "number": number, "document": document}
    try:
        made = await tx.scalars(insert(ExemptionRow).values(id=new_id(), **facts, **days).returning(ExemptionRow))
    except IntegrityError:
        raise Invalid(fields={"customer_id": "there is no such customer"}) from None
    return granted(made.one())


async def end_exemption(tx: Tx, exemption_id: UUID, *, last_day: date) -> GrantedExemption:
    """Earlier than it says itself; invoices that used it keep it. ExemptionNotFound, Invalid."""
    row = (await tx.scalars(select(ExemptionRow).where(ExemptionRow.id == exemption_id).with_for_update())).one_or_none()
    if row is None:
        raise ExemptionNotFound
    if not row.valid_from <= last_day <= row.valid_until:
        raise Invalid(fields={"last_day": "a day within the exemption"})
    row.valid_until = last_day
    await tx.flush()
    return granted(row)
