"""Booking a fact."""

from __future__ import annotations

from datetime import date, datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.ledger.errors import AlreadyPosted, Unbalanced
from nextbill.capabilities.ledger.models import EntryRow, JournalRow
from nextbill.capabilities.ledger.rules import Journal, imbalance, speaking
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx

JournalId = NewType("JournalId", UUID)


async def post(tx: Tx, *, journal: Journal, on: date, now: datetime) -> JournalId:
    """Books a fact in the fact's own transaction. AlreadyPosted where it is in the books; Unbalanced is the caller's defect.

    The entries go in by one INSERT: the database judges the balance by statement.
    """
    entries = speaking(journal.entries)
    missing = imbalance(entries)
    if missing or not entries:
        raise Unbalanced(f"{journal.reference_type} {journal.reference_id} {journal.kind}: {missing or 'no entries'}")
    row = upsert(JournalRow).values(
        id=new_id(),
        reference_type=journal.reference_type,
        reference_id=journal.reference_id,
        kind=journal.kind,
        description=journal.description,
        booked_on=on,
        created_at=now,
    )
    once = row.on_conflict_do_nothing(constraint="uq_ledger_journal_fact").returning(JournalRow.id)
    journal_id = (await tx.execute(once)).scalar_one_or_none()
    if journal_id is None:
        raise AlreadyPosted(f"{journal.reference_type} {journal.reference_id} is booked as {journal.kind}.")
    values = [
        {
            "id": new_id(),
            "journal_id": journal_id,
            "account": entry.account.value,
            "amount_minor": entry.amount.minor,
            "currency": entry.amount.currency,
            "customer_id": entry.customer_id,
        }
        for entry in entries
    ]
    await tx.execute(insert(EntryRow).values(values))
    return JournalId(journal_id)
