"""What a person has to decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.tax.errors import TaxTaskClosed, TaxTaskNotFound
from nextbill.capabilities.tax.events import TaxTaskOpened
from nextbill.capabilities.tax.models import TaskRow
from nextbill.capabilities.tax.queries.tasks import Task, TaskKind, task
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def open_task(
    tx: Tx, *, kind: TaskKind, customer_id: UUID, subject_type: str, subject_id: UUID, detail: Mapping[str, Any], now: datetime, tell: bool = True
) -> UUID | None:
    """One of a kind for each subject, however often it is found: None where there is one. `tell`: somebody is to look at it."""
    subject = {"kind": kind, "customer_id": customer_id, "subject_type": subject_type, "subject_id": subject_id}
    made = await tx.execute(
        upsert(TaskRow)
        .values(id=new_id(), **subject, detail=dict(detail), state="open", opened_at=now)
        .on_conflict_do_nothing(index_elements=["kind", "subject_type", "subject_id"])
        .returning(TaskRow.id)
    )
    task_id = made.scalar_one_or_none()
    if task_id is not None and tell:
        await publish(tx, TaxTaskOpened(task_id=task_id, kind=kind, customer_id=customer_id), now=now)
    return task_id


async def close_task(tx: Tx, task_id: UUID, *, state: Literal["done", "dismissed"], note: str, actor: str, now: datetime) -> Task:
    """TaxTaskNotFound, TaxTaskClosed."""
    row = (await tx.scalars(select(TaskRow).where(TaskRow.id == task_id).with_for_update())).one_or_none()
    if row is None:
        raise TaxTaskNotFound
    if row.state != "open":
        raise TaxTaskClosed
    row.state, row.note, row.closed_by, row.closed_at = state, note, actor, now
    await tx.flush()
    return task(row)
