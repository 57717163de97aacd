"""What comes in is stored first, once, and looked at later by a job. A second delivery changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.kernel.ids import new_id
from nextbill.runtime import jobs
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.models import InboxRow


@dataclass(frozen=True, slots=True)
class Received:
    id: UUID
    kind: str
    external_id: str
    body: str


async def store(
    tx: Tx, cipher: FieldCipher, *, source: str, external_id: str, kind: str, body: str, job: str, now: datetime, subject_id: UUID | None = None
) -> bool:
    """True if it is new; then `job` is enqueued with `{"inbox_id": …}`. The unique key (source, external id) is the guard.

    `subject_id`: what it says it is about, for staff's timeline; nothing is decided by it."""
    row_id = new_id()
    sealed = cipher.encrypt(body, table="runtime_inbox", row=row_id, column="body")
    values = {"id": row_id, "source": source, "external_id": external_id, "kind": kind, "body": sealed, "subject_id": subject_id, "received_at": now}
    created = await tx.execute(
        upsert(InboxRow).values(**values).on_conflict_do_nothing(index_elements=["source", "external_id"]).returning(InboxRow.id)
    )
    if created.first() is None:
        return False
    await jobs.enqueue(tx, job, {"inbox_id": str(row_id)})
    return True


async def open_row(tx: Tx, cipher: FieldCipher, inbox_id: UUID) -> Received | None:
    """The row, locked, unless it has been processed."""
    row = (await tx.execute(select(InboxRow).where(InboxRow.id == inbox_id, InboxRow.processed_at.is_(None)).with_for_update())).scalar_one_or_none()
    if row is None:
        return None
    return Received(row.id, row.kind, row.external_id, cipher.decrypt(row.body, table="runtime_inbox", row=row.id, column="body"))


async def close_row(tx: Tx, inbox_id: UUID, *, outcome: str, now: datetime) -> None:
    await tx.execute(update(InboxRow).where(InboxRow.id == inbox_id).values(processed_at=now, outcome=outcome))
