"""What waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.tax.errors import TaxTaskNotFound
from nextbill.capabilities.tax.models import TaskRow
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging

TaskKind = Literal["location_conflict", "late_proof", "wrong_place"]
TaskState = Literal["open", "done", "dismissed"]


@dataclass(frozen=True, slots=True)
class Task:
    """`location_conflict`: evidence contradicts the country that was charged for. `late_proof`: a tax id was confirmed after VAT was charged.
    `wrong_place`: a sale at the seller's rate came after the threshold had been crossed."""

    id: UUID
    kind: TaskKind
    customer_id: UUID
    subject_type: str
    subject_id: UUID
    detail: Mapping[str, Any]
    state: TaskState
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


async def get_task(tx: ReadTx, task_id: UUID) -> Task:
    """TaxTaskNotFound."""
    row = await tx.get(TaskRow, task_id)
    if row is None:
        raise TaxTaskNotFound
    return task(row)


async def list_tasks(tx: ReadTx, paging: Paging, *, state: TaskState | None = None) -> list[Task]:
    statement = select(TaskRow)
    if state is not None:
        statement = statement.where(TaskRow.state == state)
    return [task(row) for row in (await tx.execute(paging.apply(statement, TaskRow.id))).scalars()]


def task(row: TaskRow) -> Task:
    kind, state = cast("TaskKind", row.kind), cast("TaskState", row.state)
    closing = (row.closed_at, row.closed_by, row.note)
    return Task(row.id, kind, row.customer_id, row.subject_type, row.subject_id, row.detail, state, row.opened_at, *closing)
