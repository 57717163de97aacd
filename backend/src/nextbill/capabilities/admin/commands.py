"""Staff's buttons: take up a parked step, say what a look by hand has shown, run a failed job again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from nextbill.capabilities import identity
from nextbill.capabilities.admin.errors import JobNotFailed, StepNotFound, StepNotInDoubt, StepNotParked
from nextbill.runtime import jobs, steps
from nextbill.runtime.database import Tx
from nextbill.runtime.models import StepRow


async def retry_step(tx: Tx, step_id: UUID, *, actor: str, reason: str, now: datetime) -> None:
    """StepNotFound, StepNotParked. The step looks first unless the last try certainly did nothing."""
    step = await _step(tx, step_id)
    if not await steps.retry(tx, step_id, now=now):
        raise StepNotParked
    await _audit(tx, step, "step.retried", actor=actor, reason=reason, now=now)


async def declare_undone(tx: Tx, step_id: UUID, *, actor: str, reason: str, now: datetime) -> None:
    """StepNotFound, StepNotInDoubt. From now on it may be withdrawn, and a retry sends without a look."""
    step = await _step(tx, step_id)
    if not await steps.declare_undone(tx, step_id, now=now):
        raise StepNotInDoubt
    await _audit(tx, step, "step.declared_undone", actor=actor, reason=reason, now=now)


async def _step(tx: Tx, step_id: UUID) -> StepRow:
    found = await tx.get(StepRow, step_id)
    if found is None:
        raise StepNotFound
    return found


async def _audit(tx: Tx, step: StepRow, action: str, *, actor: str, reason: str, now: datetime) -> None:
    await identity.audit(
        tx,
        actor=actor,
        action=action,
        object_type="runtime.step",
        object_id=step.id,
        customer_id=step.customer_id,
        reason=reason,
        detail={"step": step.name, "subject_id": str(step.subject_id), "cause": step.reason},
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
