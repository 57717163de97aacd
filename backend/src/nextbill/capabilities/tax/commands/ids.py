"""Tax ids: asked for a check, checked, told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.tax.errors import TaxIdNotFound
from nextbill.capabilities.tax.events import TaxIdConfirmed, TaxIdRefuted
from nextbill.capabilities.tax.models import IdCheckRow, TaxIdRow
from nextbill.capabilities.tax.ports import IdAnswer
from nextbill.capabilities.tax.queries.buyers import lock_tax_id
from nextbill.capabilities.tax.queries.policies import policy_on
from nextbill.capabilities.tax.rules.union import union_id
from nextbill.kernel.ids import new_id
from nextbill.runtime import jobs
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

CHECK_ID = "tax.check_id"
RECHECK_DAYS = 30
UNDER_WAY = timedelta(minutes=2)
"""How long a check that was handed to a job is left alone; longer than any call takes."""
_PAUSES = (1, 5, 15, 60, 180, 720)
"""Minutes between tries while the register does not answer; then twice a day."""


async def request_check(tx: Tx, *, customer_id: UUID, tax_id: str | None, country: str, now: datetime) -> None:
    """The customer's tax id is this one now, and is checked at once. Without one there is nothing to know any more.

    The same id again keeps what is known of it, unless the register said that it does not know it: then it is asked anew."""
    row = await lock_tax_id(tx, customer_id)
    if tax_id is None:
        await tx.execute(delete(TaxIdRow).where(TaxIdRow.customer_id == customer_id))
        return
    if row is not None and row.tax_id == tax_id and row.state != "invalid":
        return
    checkable = union_id(tax_id, country) is not None
    values = {
        "tax_id": tax_id,
        "country": country,
        "state": "pending" if checkable else "unchecked",
        "problem": None,
        "tries": 0,
        "requested_at": now,
        "checked_at": None,
        "next_at": now + UNDER_WAY if checkable else None,
    }
    await tx.execute(upsert(TaxIdRow).values(customer_id=customer_id, **values).on_conflict_do_update(index_elements=["customer_id"], set_=values))
    if checkable:
        await jobs.enqueue(tx, CHECK_ID, {"customer_id": str(customer_id)})


async def check_again(tx: Tx, *, customer_id: UUID, now: datetime) -> None:
    """Staff's button: asks now, whatever is known. TaxIdNotFound where there is no id or nobody to ask."""
    known = update(TaxIdRow).where(TaxIdRow.customer_id == customer_id, TaxIdRow.state != "unchecked")
    if (await tx.execute(known.values(next_at=now + UNDER_WAY).returning(TaxIdRow.customer_id))).first() is None:
        raise TaxIdNotFound
    await jobs.enqueue(tx, CHECK_ID, {"customer_id": str(customer_id)})


async def check_due(tx: Tx, *, now: datetime) -> None:
    """For the tick: ids whose time has come, fifty at once; their next time is put off first, so that no other worker takes them too."""
    due = select(TaxIdRow.customer_id).where(TaxIdRow.next_at <= now).order_by(TaxIdRow.next_at).limit(50).with_for_update(skip_locked=True)
    taken = list(await tx.scalars(due))
    if taken:
        await tx.execute(update(TaxIdRow).where(TaxIdRow.customer_id.in_(taken)).values(next_at=now + UNDER_WAY))
        await jobs.enqueue_many(tx, [(CHECK_ID, {"customer_id": str(customer_id)}) for customer_id in taken])


async def record_answer(tx: Tx, *, customer_id: UUID, tax_id: str, answer: IdAnswer, cipher: FieldCipher, now: datetime) -> None:
    """Kept as evidence, whoever the id belongs to by now; told where it is still the customer's and the answer is news."""
    check_id = await _keep(tx, customer_id, tax_id, outcome="valid" if answer.valid else "invalid", answer=answer, cipher=cipher, now=now)
    row = await lock_tax_id(tx, customer_id)
    if row is None or row.tax_id != tax_id:
        return
    policy = await policy_on(tx, now.date())
    days = policy.recheck_days if policy else RECHECK_DAYS
    too_old = row.checked_at is not None and (now.date() - row.checked_at.date()).days > days
    before, waiting_since = row.state, row.requested_at
    row.state, row.problem, row.tries, row.checked_at = "valid" if answer.valid else "invalid", None, 0, now
    row.requested_at = now
    # A day early, so that a sale never meets an answer that is too old while the register is up.
    row.next_at = now + timedelta(days=max(1, days - 1)) if answer.valid else None
    await tx.flush()
    if answer.valid and (before != "valid" or too_old):
        await publish(tx, TaxIdConfirmed(customer_id=customer_id, check_id=check_id, waiting_since=waiting_since), now=now)
    elif not answer.valid and before != "invalid":
        await publish(tx, TaxIdRefuted(customer_id=customer_id, check_id=check_id), now=now)


async def record_silence(tx: Tx, *, customer_id: UUID, tax_id: str, reason: str, cipher: FieldCipher, now: datetime) -> None:
    """The register or the member state does not answer: a valid id stays valid until it is too old, any other waits. Asked again, ever more rarely."""
    await _keep(tx, customer_id, tax_id, outcome="unavailable", answer=IdAnswer(valid=False), cipher=cipher, now=now, reason=reason)
    row = await lock_tax_id(tx, customer_id)
    if row is None or row.tax_id != tax_id:
        return
    if row.state != "valid":
        row.state = "unavailable"
    row.problem, row.tries = reason, row.tries + 1
    row.next_at = now + timedelta(minutes=_PAUSES[min(row.tries, len(_PAUSES)) - 1])
    await tx.flush()


async def _keep(
    tx: Tx, customer_id: UUID, tax_id: str, *, outcome: str, answer: IdAnswer, cipher: FieldCipher, now: datetime, reason: str | None = None
) -> UUID:
    check_id = new_id()

    def sealed(column: str, value: str | None) -> str | None:
        return cipher.encrypt(value, table="tax_id_check", row=check_id, column=column) if value else None

    values = {"id": check_id, "customer_id": customer_id, "tax_id": tax_id, "outcome": outcome, "reason": reason, "at": now}
    told = {"name": sealed("name", answer.name), "address": sealed("address", answer.address), "request_identifier": answer.request_identifier}
    await tx.execute(insert(IdCheckRow).values(**values, **told))
    return check_id
