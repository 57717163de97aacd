"""Staff's two buttons: take up a parked step, run a failed job again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities import identity
from nextbill.capabilities.admin.errors import JobNotFailed, StepNotFound, StepNotParked
from nextbill.runtime import jobs, steps
from nextbill.runtime.database import Tx
from nextbill.runtime.models import StepRow


async def retry_step(tx: Tx, step_id: UUID, *, actor: str, reason: str, now: datetime) -> None:
    """StepNotFound, StepNotParked. The step looks first unless the last try certainly did nothing."""
    found = (await tx.execute(select(StepRow.name, StepRow.subject_id, StepRow.customer_id, StepRow.reason).where(StepRow.id == step_id))).first()
    if found is None:
        raise StepNotFound
    if not await steps.retry(tx, step_id, now=now):
        raise StepNotParked
    detail = {"step": found.name, "subject_id": str(found.subject_id), "cause": found.reason}
    await identity.audit(
        tx,
        actor=actor,
        action="step.retried",
        object_type="runtime.step",
        object_id=step_id,
        customer_id=found.customer_id,
        reason=reason,
        detail=detail,
        now=now,
    )


async def requeue_job(tx: Tx, job_id: int, *, actor: str, reason: str, now: datetime) -> None:
    """JobNotFailed. Every handler starts from its row's state, so a second run does no harm."""
    name = await jobs.requeue(tx, job_id)
    if name is None:
        raise JobNotFailed
    detail = {"job": name}
    await identity.audit(
        tx, actor=actor, action="job.requeued", object_type="runtime.job", object_id=str(job_id), reason=reason, detail=detail, now=now
    )
