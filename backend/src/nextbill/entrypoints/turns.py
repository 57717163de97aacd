"""A worker that stands still between turns: told on standard input to move the sandbox's clock, it does all that is due, in order, and says so.

For whoever plays a stretch of time and wants the same course each time: one job after the other, nothing beside it."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime, timedelta
from typing import Any

from nextbill.entrypoints.worker import make_worker
from nextbill.runtime import crash, logging, travel
from nextbill.runtime.clock import make_clock
from nextbill.runtime.process import leave_the_start_alone, run_on_loop
from nextbill.runtime.settings import Settings
from nextbill.runtime.worker import Worker
from nextbill.wiring import Wired, wire

PATIENCE = timedelta(seconds=3)
"""A job whose next try comes sooner than this is waited for."""


async def take_turns(settings: Settings) -> None:
    """A turn is a line of JSON, `{"until": "2027-01-02T08:00:00+00:00"}` or `{}` where the clock stays; its answer a line `{"ran": 12}`. Ends with the input.

    ClockFixed: live mode has no clock that could be moved."""
    wired = wire(settings, make_clock(settings))
    travel.movable(wired.context.clock)
    worker = make_worker(wired, checking=False)
    leave_the_start_alone()
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            told = await _turn(wired, worker, json.loads(line))
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
    finally:
        await wired.close()


async def _turn(wired: Wired, worker: Worker, turn: dict[str, Any]) -> dict[str, Any]:
    if "until" in turn:
        travel.movable(wired.context.clock).move_to(datetime.fromisoformat(turn["until"]))
        await worker.tick_all()
    ran = await worker.drain(patience=PATIENCE, tick=False)
    return {"ran": ran, "now": wired.context.clock.now().isoformat()}


def serve() -> None:
    settings = Settings()
    logging.configure(settings.log_format)
    crash.arm(settings.nextbill_crash_at)
    run_on_loop(take_turns(settings))
