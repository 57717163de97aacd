"""The billing run under force: workers die by SIGKILL and PostgreSQL is stopped at once in mid-run; every period is billed once all the same."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from nextbill_lab import system
from nextbill_lab.night import Biller, Night
from nextbill_lab.system import System
from nextbill_lab.timeline import Timeline
from nextbill_lab.trouble import Missing

WITHOUT = ("worker",)
ENVIRONMENT = {"VENDOR_TIMEOUT_SECONDS": "1"}
"""What a dead worker had in hand is taken up by others after a heartbeat, which follows from this."""
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 240.0


@dataclass
class Siege:
    """`killed_at`: how many lines were written when a worker died; `stopped_at`: when PostgreSQL was stopped."""

    lines: int
    kills: int
    seed: int
    workers: int = 2
    killed_at: list[int] = field(default_factory=list)
    stopped_at: int | None = None
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        return {
            "chaos": "billing",
            "lines": self.lines,
            "seed": self.seed,
            "workers_killed_at_line": self.killed_at,
            "postgres_stopped_at_line": self.stopped_at,
            "seconds": round(self.seconds, 1),
            "problems": self.problems,
        }


def besiege(found: System, timeline: Timeline, siege: Siege) -> None:
    """Fills in `siege`. Each kill comes at a random line of its share of the run, PostgreSQL's stop in the middle."""
    night, chance = Night(found), random.Random(siege.seed)
    with timeline.step("fill", f"{siege.lines:,} subscriptions due today"):
        night.fill(siege.lines)
    share = siege.lines / (siege.kills + 1)
    marks = [int(share * (number + chance.random())) for number in range(siege.kills)]
    billers = [Biller(found, f"biller-{number}") for number in range(siege.workers)]
    began = time.monotonic()
    try:
        with timeline.step("run", "The run, and its enemies") as entry:
            _storm(found, night, siege, marks=marks, billers=billers, chance=chance)
            entry.note = f"{len(siege.killed_at)} workers killed, PostgreSQL stopped at line {siege.stopped_at}"
        with timeline.step("ask", "Ask what was promised"):
            siege.problems += night.wrong()
    finally:
        siege.seconds = time.monotonic() - began
        for biller in billers:
            biller.kill()
    if len(siege.killed_at) < siege.kills or siege.stopped_at is None:
        siege.problems.append("the run was over before everything was broken that was to be broken: take more lines")


def _storm(found: System, night: Night, siege: Siege, *, marks: list[int], billers: list[Biller], chance: random.Random) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS + siege.lines / 50
    while True:
        if time.monotonic() > deadline:
            raise Missing("the run does not end", where=f"{found.data}/logs")
        with contextlib.suppress(psycopg.OperationalError):  # while PostgreSQL is down
            billed = night.billed()
            if siege.stopped_at is None and billed >= siege.lines // 2:
                _stop_postgres(found)
                siege.stopped_at = billed
            elif marks and billed >= marks[0]:
                _kill_one(found, billers, chance)
                siege.killed_at.append(billed)
                marks.pop(0)
                _forget_tick(night)
            elif (not marks and siege.stopped_at is not None and night.done()) or night.done():
                return
        for place, biller in enumerate(billers):
            if biller.process.poll() is not None:
                billers[place] = Biller(found, f"biller-{place}")
        time.sleep(LOOK_SECONDS)


def _kill_one(found: System, billers: list[Biller], chance: random.Random) -> None:
    """One that is at work, and another in its place."""
    place = chance.randrange(len(billers))
    billers[place].kill()
    billers[place] = Biller(found, f"biller-{place}")


def _forget_tick(night: Night) -> None:
    """The next tick comes with the new worker instead of five minutes later."""
    with night.owner() as owner:
        owner.execute("delete from runtime_tick where name = 'renewal.due'")


def _stop_postgres(found: System) -> None:
    """At once: no goodbye, no checkpoint. The product's own supervisor brings it back."""
    if found.data is None:
        raise Missing("chaos needs a system of its own")
    os.kill(system.running(found.data).pids["postgres"], signal.SIGQUIT)
