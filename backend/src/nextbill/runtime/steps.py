"""The three-phase step: commit the intent, call with no transaction open, commit the result. The one way to touch the outside.

A step found in `calling` was cut off: its outcome is unknown, so the vendor is asked (`look`) before anything is sent again.
States: requested → calling → succeeded | refused | pending | in_doubt | parked. Crash points, by step name:
`NAME:before_intent`, `NAME:intent`, `NAME:looked`, `NAME:called`, `NAME:before_result`, `NAME:result`.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.kernel.clock import Clock
from nextbill.kernel.ids import new_id
from nextbill.runtime import correlation, crash, jobs, metrics, vendors
from nextbill.runtime.database import Database, ReadTx, Role, Tx
from nextbill.runtime.models import OPEN_STEP_STATES, StepRow, VendorCallRow
from nextbill.runtime.vendors import VendorError, VendorRejected, VendorUnavailable, VendorUnknown

RUN = "runtime.run_step"
DETAIL_CHARACTERS = 500
MAX_CUT_OFFS = 20
EARLY = timedelta(milliseconds=200)
PHASE_SHARE_OF_LEASE = 0.45
_declarable: set[str] = set()
P = TypeVar("P")
R = TypeVar("R")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """The deed is done; `result` is what the procedure's `record` will store."""

    result: R


@dataclass(frozen=True, slots=True)
class Pending:
    """The vendor has queued it: look again in a while."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """A look found nothing: the deed was not done, as far as the vendor knows."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a procedure may know of its step."""

    id: UUID
    name: str
    subject_id: UUID
    customer_id: UUID | None
    key_version: int

    @property
    def key(self) -> str:
        """For vendors that know idempotency keys: stable until a look has proven that the last send came to nothing."""
        return f"{self.name}:{self.subject_id}:{self.key_version}"


class Procedure(ABC, Generic[P, R]):
    """One kind of deed. `prepare`, `record`, `refuse` and `park` run in our transactions; `look` and `call` outside any.

    Class settings: bounds on sends and looks, the pause before a resend after a look found nothing (business clock; registrars
    show a registration late), and the pauses between tries (technical time)."""

    name: ClassVar[str]
    max_calls: ClassVar[int] = 8
    max_looks: ClassVar[int] = 12
    parks_at_once: ClassVar[frozenset[str]] = frozenset()
    may_be_declared_undone: ClassVar[bool] = False  # staff may overrule a look that never finds out; never where money moves

    resend_after: timedelta = timedelta()

    def __init_subclass__(cls) -> None:
        if cls.may_be_declared_undone:
            _declarable.add(cls.name)

    @abstractmethod
    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> P | None:
        """Read all that the call needs; None withdraws the step (nothing to do any more)."""

    @abstractmethod
    async def look(self, step: Step, plan: P) -> Done[R] | Pending | Absent:
        """Ask the vendor whether an earlier send was carried out. Reads only."""

    @abstractmethod
    async def call(self, step: Step, plan: P) -> Done[R] | Pending:
        """The deed. Raises VendorRejected, VendorUnavailable or VendorUnknown."""

    @abstractmethod
    async def record(self, tx: Tx, step: Step, result: R, *, now: datetime) -> None:
        """Store the result, the next jobs and the event, in one transaction."""

    @abstractmethod
    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        """The vendor refused for good."""

    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        """Bounded tries are used up: staff decides. Publishes what others should know."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    step: Step
    claim: UUID
    plan: Any
    must_look: bool
    absent_since: datetime | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    kind: Literal["done", "refused", "retry", "pending", "in_doubt"]
    result: Any = None
    error: VendorError | None = None
    reason: str | None = None
    detail: str = ""
    absent: bool = False
    key_version: int | None = None


async def request(tx: Tx, name: str, *, subject_id: UUID, customer_id: UUID | None, now: datetime, after: timedelta = timedelta()) -> UUID:
    """The intent, with the job that carries it out. A second request for the same subject is the same step. `after`: technical time, for pacing."""
    step_id = new_id()
    values = {"id": step_id, "name": name, "subject_id": subject_id, "customer_id": customer_id, "state": "requested"}
    times = {"correlation": correlation.current(), "requested_at": now, "changed_at": now, "next_at": func.clock_timestamp() + after}
    created = await tx.execute(
        upsert(StepRow).values(**values, **times).on_conflict_do_nothing(index_elements=["name", "subject_id"]).returning(StepRow.id)
    )
    if created.first() is None:
        return (await tx.execute(select(StepRow.id).where(StepRow.name == name, StepRow.subject_id == subject_id))).scalar_one()
    await jobs.enqueue(tx, RUN, {"step_id": str(step_id)}, after=after)
    return step_id


async def retry(tx: Tx, step_id: UUID, *, now: datetime) -> bool:
    """Staff's button: a parked step is taken up again, looking first unless it was certainly not done. False if it was not parked."""
    fresh = {"calls": 0, "looks": 0, "cut_offs": 0, "next_at": func.clock_timestamp(), "changed_at": now}
    changed = await tx.execute(
        update(StepRow)
        .where(StepRow.id == step_id, StepRow.state == "parked")
        .values(state=case((StepRow.certain, "requested"), else_="in_doubt"), **fresh)
        .returning(StepRow.id)
    )
    if changed.first() is None:
        return False
    await jobs.enqueue(tx, RUN, {"step_id": str(step_id)})
    return True


async def declare_undone(tx: Tx, step_id: UUID, *, now: datetime) -> bool:
    """Staff has looked by hand where we could not: nothing was carried out. False if it was not parked in doubt, or can always be looked up."""
    changed = await tx.execute(
        update(StepRow)
        .where(StepRow.id == step_id, StepRow.state == "parked", ~StepRow.certain, StepRow.name.in_(_declarable))
        .values(certain=True, changed_at=now)
        .returning(StepRow.id)
    )
    return changed.first() is not None


async def hold(tx: Tx, name: str, *, subject_id: UUID) -> None:
    """The step's lock, taken before the subject's own, as the runner does: so that taking back an intent and running it never deadlock."""
    await tx.execute(select(StepRow.id).where(StepRow.name == name, StepRow.subject_id == subject_id).with_for_update())


async def withdraw(tx: Tx, name: str, *, subject_id: UUID, now: datetime) -> bool:
    """Take back an intent that has certainly not been sent. False where it may have been: then look, don't assume."""
    changed = await tx.execute(
        update(StepRow)
        .where(StepRow.name == name, StepRow.subject_id == subject_id, StepRow.state.in_(("requested", "parked")), StepRow.certain)
        .values(state="withdrawn", changed_at=now)
        .returning(StepRow.id)
    )
    return changed.first() is not None


async def state_of(tx: ReadTx, name: str, *, subject_id: UUID) -> StepRow | None:
    return (await tx.execute(select(StepRow).where(StepRow.name == name, StepRow.subject_id == subject_id))).scalar_one_or_none()


async def due(tx: ReadTx, *, limit: int = 200) -> list[UUID]:
    """Open steps whose pause is over and whom nobody holds: what the sweeper takes up after a crash."""
    wall = func.clock_timestamp()
    free = (StepRow.claimed_until.is_(None)) | (StepRow.claimed_until < wall)
    rows = await tx.execute(
        select(StepRow.id).where(StepRow.state.in_(OPEN_STEP_STATES), StepRow.next_at <= wall, free).order_by(StepRow.next_at).limit(limit)
    )
    return list(rows.scalars())


class StepRunner:
    """Runs steps of the wired procedures. `lease` is longer than any vendor call can take."""

    def __init__(self, database: Database, clock: Clock, procedures: Sequence[Procedure[Any, Any]], *, lease: timedelta) -> None:
        self._database, self._clock, self._lease = database, clock, lease
        self._procedures: Mapping[str, Procedure[Any, Any]] = {procedure.name: procedure for procedure in procedures}

    async def __call__(self, payload: jobs.Payload, _context: jobs.JobContext) -> None:
        await self.run(UUID(payload["step_id"]))

    async def run(self, step_id: UUID) -> str | None:
        """One turn of the step: its state afterwards, or None if it is finished, not due, or held by somebody else."""
        claimed = await self._claim(step_id)
        if claimed is None:
            return None
        procedure = self._procedures[claimed[0]]
        held = claimed[1]
        crash.point(f"{procedure.name}:intent")
        outcome = await self._touch(procedure, held)
        crash.point(f"{procedure.name}:before_result")
        state = await self._conclude(procedure, held, outcome)
        crash.point(f"{procedure.name}:result")
        return state

    async def _claim(self, step_id: UUID) -> tuple[str, _Claimed] | None:
        """Phase one: the intent `calling`, committed before anything is sent. The conditional UPDATE lets one runner in."""
        now, wall, claim = self._clock.now(), func.clock_timestamp(), new_id()
        async with self._database.writing(Role.WORK) as tx:
            row = (
                await tx.execute(select(StepRow).where(StepRow.id == step_id, *_free(wall)).with_for_update(skip_locked=True))
            ).scalar_one_or_none()
            if row is None:
                return None
            crash.point(f"{row.name}:before_intent")
            procedure = self._procedures[row.name]
            correlation.begin(row.correlation)
            step = Step(row.id, row.name, row.subject_id, row.customer_id, row.key_version)
            plan = await procedure.prepare(tx, step, now=now)
            must_look = row.state != "requested"
            row.cut_offs += row.state == "calling"
            if row.cut_offs > MAX_CUT_OFFS:
                await _park(tx, procedure, step, row, "cut_off", f"Cut off {row.cut_offs} times in the middle.", now)
                return None
            row.state, row.claim, row.certain, row.changed_at = "withdrawn" if plan is None else "calling", claim, False, now
            await tx.flush()
            await tx.execute(update(StepRow).where(StepRow.id == step_id).values(claimed_until=wall + self._lease))
            name, absent_since = row.name, row.absent_since
        return None if plan is None else (name, _Claimed(step, claim, plan, must_look, absent_since))

    async def _touch(self, procedure: Procedure[Any, Any], held: _Claimed) -> _Outcome:
        """Phase two, no transaction open: look first where an earlier send may have got through, then call."""
        if held.must_look:
            seen = await self._guarded("look", procedure, held)
            crash.point(f"{procedure.name}:looked")
            if not isinstance(seen, Absent):
                return seen
            if not self._may_resend(procedure, held):
                return _Outcome("in_doubt", reason="not_found_yet", detail="The vendor shows nothing so far; a second look decides.", absent=True)
        step = replace(held.step, key_version=held.step.key_version + 1) if held.must_look else held.step
        answer = await self._guarded("call", procedure, replace(held, step=step))
        crash.point(f"{procedure.name}:called")
        if isinstance(answer, Absent):
            raise TypeError(f"{procedure.name}.call answered Absent")
        return replace(answer, key_version=step.key_version)

    def _may_resend(self, procedure: Procedure[Any, Any], held: _Claimed) -> bool:
        """Two negative looks, `resend_after` apart on the business clock."""
        if procedure.resend_after <= timedelta():
            return True
        return held.absent_since is not None and self._clock.now() - held.absent_since >= procedure.resend_after

    async def _guarded(self, phase: Literal["look", "call"], procedure: Procedure[Any, Any], held: _Claimed) -> _Outcome | Absent:
        began = time.monotonic()
        vendors.note_request(None)
        try:
            # Over before the lease is: nobody else may look while this call could still do the deed.
            async with asyncio.timeout(self._lease.total_seconds() * PHASE_SHARE_OF_LEASE):
                answer = await (procedure.look if phase == "look" else procedure.call)(held.step, held.plan)
            found = _from_answer(answer)
        except VendorRejected as error:
            # A refused look tells nothing of the deed.
            found = _Outcome("in_doubt" if phase == "look" else "refused", error=error, reason=error.reason, detail=error.detail)
        except VendorUnavailable as error:
            found = _Outcome("in_doubt" if phase == "look" else "retry", error=error, reason=error.reason, detail=error.detail)
        except VendorUnknown as error:
            found = _Outcome("in_doubt", error=error, reason=error.reason, detail=error.detail)
        except TimeoutError:
            found = _Outcome("in_doubt", reason="timeout", detail="No answer within the step's lease.")
        except Exception as error:
            # A fault of ours may strike after the deed: so it is in doubt, bounded, and parked with its cause.
            log.exception("step failed in an unforeseen way", step=procedure.name, step_id=str(held.step.id), phase=phase)
            found = _Outcome("in_doubt", reason="unforeseen_error", detail=f"{type(error).__name__}: {error}")
        await self._note(phase, procedure, held.step, found, int((time.monotonic() - began) * 1000))
        return found

    async def _note(self, phase: str, procedure: Procedure[Any, Any], step: Step, found: _Outcome | Absent, milliseconds: int) -> None:
        kind, error = ("absent", None) if isinstance(found, Absent) else (found.kind, found.error)
        reason = None if isinstance(found, Absent) else found.reason
        metrics.vendor_calls.labels(step=procedure.name, phase=phase, outcome=kind).inc()
        log.info("vendor call", step=procedure.name, step_id=str(step.id), phase=phase, outcome=kind, reason=reason, milliseconds=milliseconds)
        detail = ("" if isinstance(found, Absent) else found.detail)[:DETAIL_CHARACTERS]
        async with self._database.writing(Role.WORK) as tx:
            await tx.execute(
                insert(VendorCallRow).values(
                    id=new_id(),
                    step_id=step.id,
                    phase=phase,
                    outcome=kind,
                    reason=reason,
                    detail=detail,
                    request_id=(error.request_id if error else None) or vendors.noted_request(),
                    milliseconds=milliseconds,
                    at=self._clock.now(),
                )
            )

    async def _conclude(self, procedure: Procedure[Any, Any], held: _Claimed, outcome: _Outcome) -> str | None:
        """Phase three: result, next jobs and event together, only while the claim is still ours."""
        now = self._clock.now()
        async with self._database.writing(Role.WORK) as tx:
            row = (await tx.execute(select(StepRow).where(StepRow.id == held.step.id).with_for_update())).scalar_one()
            if row.claim != held.claim or row.state != "calling":
                log.warning("step was taken over; this result is left to a look", step=procedure.name, step_id=str(row.id))
                return None
            row.claim, row.claimed_until, row.changed_at = None, None, now
            row.reason, row.detail = outcome.reason, outcome.detail[:DETAIL_CHARACTERS]
            row.certain = outcome.kind in ("retry", "refused")
            row.key_version = outcome.key_version or row.key_version
            await _settle(tx, procedure, held, row, outcome, now)
            return row.state


async def _settle(tx: Tx, procedure: Procedure[Any, Any], held: _Claimed, row: StepRow, outcome: _Outcome, now: datetime) -> None:
    if outcome.kind == "done":
        row.state, row.next_at = "succeeded", None
        await procedure.record(tx, held.step, outcome.result, now=now)
        return
    if outcome.kind == "refused" and isinstance(outcome.error, VendorRejected) and outcome.reason not in procedure.parks_at_once:
        row.state, row.next_at = "refused", None
        await procedure.refuse(tx, held.step, outcome.error, now=now)
        return
    _count(row, outcome, now)
    if row.calls >= procedure.max_calls or row.looks >= procedure.max_looks or outcome.reason in procedure.parks_at_once:
        await _park(tx, procedure, held.step, row, outcome.reason or "unknown", outcome.detail, now)
        return
    row.state = {"retry": "requested", "pending": "pending", "in_doubt": "in_doubt", "refused": "in_doubt"}[outcome.kind]
    pause = _pause(row, outcome, now)
    row.next_at = func.clock_timestamp() + pause  # computed by the database
    await jobs.enqueue(tx, RUN, {"step_id": str(row.id)}, after=pause)


async def _park(tx: Tx, procedure: Procedure[Any, Any], step: Step, row: StepRow, reason: str, detail: str, now: datetime) -> None:
    row.state, row.next_at, row.reason, row.detail = "parked", None, reason, detail[:DETAIL_CHARACTERS]
    row.claim, row.claimed_until, row.changed_at = None, None, now
    await tx.flush()
    await procedure.park(tx, step, reason, detail, now=now)


def _count(row: StepRow, outcome: _Outcome, now: datetime) -> None:
    if outcome.kind == "retry":
        row.calls += 1
    elif outcome.absent:
        row.absent_since = row.absent_since or now
    elif outcome.kind != "pending":
        row.looks += 1


def _pause(row: StepRow, outcome: _Outcome, now: datetime) -> timedelta:
    """What the vendor asked for, where it did; a queued deed is looked at less and less often; else doubling to a minute."""
    asked = outcome.error.retry_after if isinstance(outcome.error, VendorUnavailable) else None
    if asked is not None:
        return timedelta(seconds=min(asked, 300.0))
    if outcome.kind == "pending" or outcome.absent:
        waited = (now - row.requested_at).total_seconds()
        return timedelta(seconds=max(2.0, min(60.0, waited / 4)))
    return timedelta(seconds=min(60.0, 0.5 * 2 ** max(row.calls, row.looks)))


def _from_answer(answer: Done[Any] | Pending | Absent) -> _Outcome | Absent:
    if isinstance(answer, Absent):
        return answer
    if isinstance(answer, Done):
        return _Outcome("done", result=answer.result)
    return _Outcome("pending", reason=answer.reason, detail=answer.detail)


def _free(wall: Any) -> list[ColumnElement[bool]]:
    """Open, due, and held by nobody, by the database's clock alone: a machine whose own clock is off can't take a step early."""
    unheld = (StepRow.claimed_until.is_(None)) | (StepRow.claimed_until <= wall)
    due_now = (StepRow.next_at.is_(None)) | (StepRow.next_at <= wall + EARLY)
    return [StepRow.state.in_(OPEN_STEP_STATES), unheld, due_now]
