"""The product's work, wound by hand: one worker that does what is due when it is told to, and nothing in between."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from nextbill_lab.bench.database import settings_of
from nextbill_lab.system import SOURCES, System
from nextbill_lab.trouble import Missing
from nextbill_lab.vendors import Outside

COMMAND = ("-m", "nextbill", "worker", "--in-turns")
TURN_SECONDS = 300.0
POST_PAUSE = 0.02
ROUNDS = 40
"""So often the post is looked for again; a gateway whose notices come back to it tries for some seconds."""


class Clockwork:
    def __init__(self, system: System, outside: Outside, process: asyncio.subprocess.Process) -> None:
        self._system, self._outside, self._process = system, outside, process
        self.jobs = 0

    async def move_to(self, moment: datetime) -> None:
        """The day begins: the clock is there, what falls due by then is done."""
        await self._turn({"until": moment.isoformat()})
        await self.settle()

    async def settle(self) -> None:
        """All that followed from what was done, here and at the gateway, has happened."""
        for _ in range(ROUNDS):
            ran = await self._turn({})
            if not await self._post_is_out() and not ran:
                return

    async def _post_is_out(self) -> bool:
        """Whether the gateway had notices to deliver; they are delivered then, or tried again later."""
        waited = False
        for _ in range(150):
            waiting = (await self._outside.json("GET", f"{self._system.stripe}/_sim/stripe/webhooks"))["waiting"]
            if not waiting:
                break
            waited = True
            await asyncio.sleep(POST_PAUSE)
        return waited

    async def _turn(self, turn: dict[str, str]) -> int:
        told, heard = self._process.stdin, self._process.stdout
        if told is None or heard is None:
            raise AssertionError("both are pipes")
        told.write(f"{json.dumps(turn)}\n".encode())
        await told.drain()
        line = await asyncio.wait_for(heard.readline(), TURN_SECONDS)
        if not line:
            raise Missing("the worker ended in the middle of a turn", where=f"{self._system.logs}/turns.log")
        ran = int(json.loads(line)["ran"])
        self.jobs += ran
        return ran


@asynccontextmanager
async def wound(system: System, outside: Outside) -> AsyncIterator[Clockwork]:
    """The worker's process, ended with its input."""
    if system.data is None:
        raise Missing("a year needs a system of its own")
    environment = os.environ | settings_of(system) | {"PYTHONPATH": str(SOURCES), "METRICS_PORT": "0", "PYTHONUNBUFFERED": "1"}
    with (system.data / "logs" / "turns.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *COMMAND, env=environment, cwd=system.data, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
    try:
        yield Clockwork(system, outside, process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()
            await process.wait()
