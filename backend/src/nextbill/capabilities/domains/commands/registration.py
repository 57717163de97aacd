"""What can be done with a domain. Nothing here calls out; each runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.domains.errors import DomainTaken
from nextbill.capabilities.domains.models import GONE, DomainRow, HandleRow
from nextbill.capabilities.domains.ports import Handles
from nextbill.capabilities.domains.queries import domain_for, known_handles, locked
from nextbill.capabilities.domains.rules import registrant_text
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.ids import new_id
from nextbill.runtime import steps
from nextbill.runtime.crypto import FieldCipher, token_hash
from nextbill.runtime.database import Tx

TABLE, REGISTRANT_COLUMN = "domains_domain", "registrant_sealed"
PREPARE, REGISTER = "domains.prepare_registrant", "domains.register"


async def request_registration(
    tx: Tx,
    *,
    customer_id: UUID,
    reference_type: str,
    reference_id: UUID,
    name: DomainName,
    years: int,
    nameservers: Sequence[str],
    registrant: Mapping[str, str | None],
    cipher: FieldCipher,
    now: datetime,
) -> UUID:
    """The intent to register, with the registrant as ordered (the fields of customers' `contact_for_registrar`).

    A second call for the same reference answers with the first one's id, unless that name was refused or cancelled.
    Raises DomainTaken where the name is held through us.
    """
    known = await domain_for(tx, reference_type=reference_type, reference_id=reference_id)
    if known is not None and known.state not in ("refused", "cancelled"):
        return known.id
    domain_id, snapshot = new_id(), registrant_text(registrant)
    values = {
        "id": domain_id,
        "customer_id": customer_id,
        "reference_type": reference_type,
        "reference_id": reference_id,
        "name": name.ascii,
        "tld": name.tld,
        "years": years,
        "state": "pending",
        "nameservers": [host.lower() for host in nameservers],
        "registrant_sealed": cipher.encrypt(snapshot, table=TABLE, row=domain_id, column=REGISTRANT_COLUMN),
        "registrant_fingerprint": token_hash(f"{customer_id}:{snapshot}"),
        "requested_at": now,
        "changed_at": now,
    }
    once = upsert(DomainRow).values(**values).on_conflict_do_nothing(index_elements=["name"], index_where=text(f"state not in {GONE}"))
    if (await tx.execute(once.returning(DomainRow.id))).first() is None:
        raise DomainTaken(f"{name.unicode} is taken.")
    await _request_next(tx, await locked(tx, domain_id), now=now)
    return domain_id


async def record_handles(tx: Tx, *, domain_id: UUID, handles: Handles, now: datetime) -> None:
    """The registrar's records of the registrant are made: now the name can be registered with them."""
    row = await locked(tx, domain_id)
    values = {"id": new_id(), "customer_id": row.customer_id, "tld": row.tld, "fingerprint": row.registrant_fingerprint}
    references = {"customer_ref": handles.customer_ref, "contact_ref": handles.contact_ref, "created_at": now}
    await tx.execute(upsert(HandleRow).values(**values, **references).on_conflict_do_nothing())
    await _request_next(tx, row, now=now)


async def withdraw_registration(tx: Tx, *, domain_id: UUID, now: datetime) -> bool:
    """Takes back a request that has certainly registered nothing. False where the name is ours, or may be."""
    for name in (PREPARE, REGISTER):
        await steps.hold(tx, name, subject_id=domain_id)
    row = await locked(tx, domain_id)
    if row.state in ("cancelled", "refused"):
        return True
    if row.state not in ("pending", "parked"):
        return False
    sending = await steps.state_of(tx, REGISTER, subject_id=domain_id)
    if sending is not None and not await steps.withdraw(tx, REGISTER, subject_id=domain_id, now=now):
        return False
    await steps.withdraw(tx, PREPARE, subject_id=domain_id, now=now)
    row.state, row.changed_at = "cancelled", now
    return True


async def _request_next(tx: Tx, row: DomainRow, *, now: datetime) -> None:
    """First the registrant's records, then the registration: a name found after a lost answer is known by them to be this order's."""
    name = PREPARE if await known_handles(tx, row) is None else REGISTER
    await steps.request(tx, name, subject_id=row.id, customer_id=row.customer_id, now=now)
