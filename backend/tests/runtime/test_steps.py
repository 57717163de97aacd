"""The three-phase step: whatever dies or lies, a deed is done once and its outcome is never guessed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from sqlalchemy import text

from nextbill.kernel.ids import new_id
from nextbill.runtime import steps
from nextbill.runtime.clock import MovableClock
from nextbill.runtime.database import Database, Role, role_urls
from nextbill.runtime.settings import Settings
from nextbill.runtime.steps import Absent, Done, Pending, StepRunner
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown
from tests.support.databases import SECRET_KEY


@dataclass
class Vendor:
    """A vendor without idempotency: it does what it is told as often as it is told, and answers as planned."""

    deeds: list[str] = field(default_factory=list)
    plan: list[str] = field(default_factory=list)
    shows: bool = True
    gate: asyncio.Event | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)


class Deed(steps.Procedure[str, str]):
    name: ClassVar[str] = "test.deed"
    max_calls: ClassVar[int] = 3
    max_looks: ClassVar[int] = 3
    parks_at_once: ClassVar[frozenset[str]] = frozenset({"no_funds"})

    def __init__(self, vendor: Vendor) -> None:
        self.vendor, self.recorded, self.refused, self.parked = vendor, [], [], []

    async def prepare(self, tx, step, *, now):
        return "plan"

    async def look(self, step, plan):
        if self.vendor.plan and self.vendor.plan[0] == "blind":
            self.vendor.plan.pop(0)
            raise VendorUnavailable("down")
        return Done(step.key) if self.vendor.deeds and self.vendor.shows else Absent()

    async def call(self, step, plan):
        self.vendor.reached.set()
        if self.vendor.gate:
            await self.vendor.gate.wait()
        word = self.vendor.plan.pop(0) if self.vendor.plan else "done"
        if word in ("done", "lost", "queued", "bug_after"):
            self.vendor.deeds.append(step.key)
        errors = {
            "lost": VendorUnknown("timeout"),
            "down": VendorUnavailable("down"),
            "no": VendorRejected("taken"),
            "nothing": VendorUnknown("timeout"),
            "poor": VendorUnavailable("no_funds"),
            "bug_after": KeyError("x"),
        }
        if word in errors:
            raise errors[word]
        return Pending("queued") if word == "queued" else Done(step.key)

    async def record(self, tx, step, result, *, now):
        self.recorded.append(result)

    async def refuse(self, tx, step, refusal, *, now):
        self.refused.append(refusal.reason)

    async def park(self, tx, step, reason, detail, *, now):
        self.parked.append(reason)


@dataclass
class Bench:
    database: Database
    clock: MovableClock
    clock_file: Path
    vendor: Vendor
    deed: Deed
    runner: StepRunner
    step_id: UUID

    async def row(self) -> Any:
        async with self.database.reading(Role.WORK) as tx:
            return (await tx.execute(text("select * from runtime_step where id = :id"), {"id": self.step_id})).mappings().one()

    async def now(self) -> None:
        """Skip the technical pauses and the dead runner's lease."""
        async with self.database.writing(Role.WORK) as tx:
            await tx.execute(text("update runtime_step set next_at = clock_timestamp(), claimed_until = null where id = :id"), {"id": self.step_id})

    async def run(self) -> str | None:
        await self.now()
        return await self.runner.run(self.step_id)


@pytest.fixture
async def bench(dsn: str, tmp_path: Path) -> AsyncIterator[Bench]:
    settings = Settings(database_url=dsn, secret_key=SECRET_KEY, _env_file=None)
    database, clock = Database(role_urls(settings)), MovableClock(tmp_path / "clock.json")
    vendor = Vendor()
    deed = Deed(vendor)
    runner = StepRunner(database, clock, [deed], lease=timedelta(seconds=30))
    async with database.writing(Role.WORK) as tx:
        step_id = await steps.request(tx, "test.deed", subject_id=new_id(), customer_id=None, now=clock.now())
    yield Bench(database, clock, tmp_path / "clock.json", vendor, deed, runner, step_id)
    await database.close()


async def test_done_is_recorded_once_and_a_second_run_is_nothing(bench: Bench) -> None:
    assert await bench.run() == "succeeded"
    assert await bench.run() is None
    assert len(bench.vendor.deeds) == len(bench.deed.recorded) == 1


async def test_answer_lost_after_the_deed_is_found_by_looking(bench: Bench) -> None:
    bench.vendor.plan = ["lost"]
    assert await bench.run() == "in_doubt"
    assert await bench.run() == "succeeded"
    assert len(bench.vendor.deeds) == 1


async def test_lost_before_the_deed_is_sent_again_with_a_new_key(bench: Bench) -> None:
    bench.vendor.plan = ["nothing"]
    assert await bench.run() == "in_doubt"
    assert await bench.run() == "succeeded"
    assert bench.deed.recorded[0].endswith(":2")


async def test_what_was_certainly_not_done_goes_again_under_the_same_key(bench: Bench) -> None:
    """So a vendor that did it all the same, against its own word, knows it again."""
    bench.vendor.plan = ["down"]
    assert await bench.run() == "requested"
    assert await bench.run() == "succeeded"
    assert bench.deed.recorded == [f"test.deed:{(await bench.row())['subject_id']}:1"]


async def test_a_resend_waits_for_a_second_look_on_the_business_clock(bench: Bench) -> None:
    bench.deed.resend_after = timedelta(minutes=10)
    bench.vendor.plan = ["nothing"]
    await bench.run()
    assert await bench.run() == "in_doubt"
    assert await bench.run() == "in_doubt"
    assert bench.vendor.deeds == []
    bench.clock_file.write_text('{"offset_seconds": 601}')
    assert await bench.run() == "succeeded"
    assert len(bench.vendor.deeds) == 1


async def test_cut_off_in_the_middle_looks_before_it_sends(bench: Bench) -> None:
    """As after SIGKILL between the deed and its recording: the row says `calling`, the vendor has it."""
    bench.vendor.deeds.append("done by the dead process")
    async with bench.database.writing(Role.WORK) as tx:
        await tx.execute(text("update runtime_step set state = 'calling' where id = :id"), {"id": bench.step_id})
    assert await bench.run() == "succeeded"
    assert len(bench.vendor.deeds) == 1


async def test_two_runners_at_once_call_once(bench: Bench) -> None:
    bench.vendor.gate = asyncio.Event()
    first = asyncio.create_task(bench.runner.run(bench.step_id))
    await bench.vendor.reached.wait()
    assert await bench.runner.run(bench.step_id) is None
    bench.vendor.gate.set()
    assert await first == "succeeded"
    assert len(bench.vendor.deeds) == 1


async def test_a_runner_that_lost_its_lease_cannot_record(bench: Bench) -> None:
    bench.vendor.gate = asyncio.Event()
    slow = asyncio.create_task(bench.runner.run(bench.step_id))
    await bench.vendor.reached.wait()
    bench.vendor.deeds.append("the slow one's deed, seen by the look")
    other = Deed(bench.vendor)
    assert await StepRunner(bench.database, bench.clock, [other], lease=timedelta(seconds=30)).run(bench.step_id) is None
    await bench.now()
    assert await StepRunner(bench.database, bench.clock, [other], lease=timedelta(seconds=30)).run(bench.step_id) == "succeeded"
    bench.vendor.gate.set()
    assert await slow is None
    assert len(other.recorded) == 1
    assert bench.deed.recorded == []


async def test_unavailable_is_retried_and_then_parked_with_its_cause(bench: Bench) -> None:
    bench.vendor.plan = ["down"] * 5
    assert [await bench.run() for _ in range(3)] == ["requested", "requested", "parked"]
    row = await bench.row()
    assert (row["reason"], row["certain"], bench.deed.parked) == ("down", True, ["down"])


async def test_doubt_is_bounded_and_parked_never_guessed(bench: Bench) -> None:
    bench.vendor.plan = ["lost", "blind", "blind", "blind"]
    assert [await bench.run() for _ in range(3)] == ["in_doubt", "in_doubt", "parked"]
    assert bench.deed.recorded == bench.deed.refused == []


async def test_a_bug_after_the_deed_is_doubt_not_failure(bench: Bench) -> None:
    bench.vendor.plan = ["bug_after"]
    assert await bench.run() == "in_doubt"
    assert (await bench.row())["reason"] == "unforeseen_error"
    assert await bench.run() == "succeeded"
    assert len(bench.vendor.deeds) == 1


async def test_refused_is_final(bench: Bench) -> None:
    bench.vendor.plan = ["no"]
    assert await bench.run() == "refused"
    assert bench.deed.refused == ["taken"]
    assert await bench.run() is None


async def test_queued_at_the_vendor_is_looked_at_until_it_shows(bench: Bench) -> None:
    bench.vendor.plan, bench.vendor.shows = ["queued"], True
    assert await bench.run() == "pending"
    assert await bench.run() == "succeeded"
    assert len(bench.vendor.deeds) == 1


async def test_staff_retry_of_what_was_certainly_not_done_calls_at_once(bench: Bench) -> None:
    bench.vendor.plan = ["poor"]
    assert await bench.run() == "parked"
    async with bench.database.writing(Role.WORK) as tx:
        assert await steps.retry(tx, bench.step_id, now=bench.clock.now())
        assert not await steps.retry(tx, bench.step_id, now=bench.clock.now())
    assert await bench.run() == "succeeded"
    assert len(bench.vendor.deeds) == 1


async def test_what_may_have_been_sent_cannot_be_withdrawn(bench: Bench) -> None:
    subject = (await bench.row())["subject_id"]
    bench.vendor.plan = ["lost"]
    await bench.run()
    async with bench.database.writing(Role.WORK) as tx:
        assert not await steps.withdraw(tx, "test.deed", subject_id=subject, now=bench.clock.now())


async def test_what_was_never_sent_can_be_withdrawn(bench: Bench) -> None:
    subject = (await bench.row())["subject_id"]
    async with bench.database.writing(Role.WORK) as tx:
        assert await steps.withdraw(tx, "test.deed", subject_id=subject, now=bench.clock.now())
    assert await bench.run() is None
    assert bench.vendor.deeds == []
