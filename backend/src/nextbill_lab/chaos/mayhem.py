"""The storm: customers let in bit by bit, crash points in turn, kills at random, vendors misbehaving, PostgreSQL killed once."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from nextbill_lab import system
from nextbill_lab.chaos.misdeeds import Mischief, Vendors
from nextbill_lab.chaos.points import Point, all_points, some_points, split
from nextbill_lab.chaos.processes import Product
from nextbill_lab.chaos.shopper import Shopper
from nextbill_lab.chaos.size import Size

TEND_SECONDS, LOOK_SECONDS = 0.1, 0.1
HUNGRY_SECONDS = 2.5
LEAP_EVERY_SECONDS, LEAP_SECONDS = 12.0, 4 * 60
CROWD = 3
"""Times as many customers as usual may be inside during the turns."""
LEAST_LIFE_SECONDS = 2.0
"""Who is killed while still starting never does a deed that could go wrong."""
STEP_BY_CALL = {
    "hosting.create_account": (("panel alpha", "panel beta"), r"POST /api/v1/billing/accounts$"),
    "domains.register": (("registrar",), r"POST /api/domains/register"),
}
"""Whose answer to lose, so that a step has to look."""


@dataclass
class Storm:
    """What happened. `points`: crash point → whether it was reached."""

    points: dict[str, bool] = field(default_factory=dict)
    postgres_killed: bool = False


class Doors:
    """Lets shoppers in: one for each `open`, at most `at_once` beyond what was opened by hand once `wide` is called."""

    def __init__(self, shoppers: Sequence[Shopper], at_once: int) -> None:
        self._outside = list(reversed(shoppers))
        self._at_once = at_once
        self.inside: set[asyncio.Task[None]] = set()

    @property
    def left(self) -> int:
        return len(self._outside)

    def open(self, count: int = 1) -> None:
        for _ in range(min(count, self.left)):
            task = asyncio.create_task(self._outside.pop().shop())
            self.inside.add(task)

    def busy(self) -> int:
        return sum(not task.done() for task in self.inside)

    async def everybody(self, until: float) -> None:
        """The rest, a few at a time, until all have ended or the time (monotonic) has come."""
        while time.monotonic() < until and (self.left or self.busy()):
            self.open(max(0, self._at_once - self.busy()))
            await asyncio.sleep(LOOK_SECONDS)


class Mayhem:
    def __init__(self, product: Product, vendors: Vendors, doors: Doors, *, size: Size, seed: int) -> None:
        self._product, self._vendors, self._doors, self._size, self._seed = product, vendors, doors, size, seed
        self.storm = Storm()
        self._stop = asyncio.Event()
        self._second_turns = False
        self._marks = (vendors.system.data or Path()) / "crash"

    async def rage(self) -> Storm:
        """Until every crash point had its turn, those that were not reached a second one, and all customers were let in; afterwards nobody is armed any more."""
        self._marks.mkdir()
        began = time.monotonic()
        points = all_points() if self._size.every_point else some_points(Random(f"{self._seed}:points"))
        in_api, in_workers = split(points)
        self.storm.points = {point.name: False for point in points}
        others = [
            asyncio.create_task(Mischief(self._vendors, self._seed, pause=self._size.misdeed_pause).run(self._stop)),
            asyncio.create_task(self._kill_at_random()),
            asyncio.create_task(self._kill_postgres()),
            asyncio.create_task(self._move_the_clock()),
        ]
        try:
            await asyncio.gather(self._turns(in_api), self._turns(in_workers))
            again = [point for point in points if not self.storm.points[point.name]] if self._size.every_point else []
            self._second_turns = True
            await self._turns(again, again=True)
            self._second_turns = False
            await self._doors.everybody(until=max(began + self._size.least_mayhem, time.monotonic() + self._doors.left * 2.0))
            await asyncio.sleep(max(0.0, began + self._size.least_mayhem - time.monotonic()))
        finally:
            self._stop.set()
            await asyncio.gather(*others)
        for name in self._product.children:
            self._product.arm(name, None, None)
        return self.storm

    async def _turns(self, points: Sequence[Point], *, again: bool = False) -> None:
        for number, point in enumerate(points):
            kept = (
                len(points) - number - 1 if again else len(self.storm.points) // 5
            )  # for the turns still to come: without a customer none is reached
            await self._turn(point, share=self._share(len(points) - number), again=again, kept=kept)

    def _room(self) -> int:
        """For how many more: a crowd that an API on a busy machine can't answer in time only asks again, and nobody gets anywhere."""
        return CROWD * self._size.at_once - self._doors.busy()

    def _share(self, turns_left: int) -> int:
        """Of those who still wait outside, as many as one turn may have; half, for both sequences of turns draw on them. Some stay for later."""
        free = self._doors.left - len(self.storm.points) // 5
        return max(1, round(free / turns_left / 2)) if free > 0 else 0

    async def _turn(self, point: Point, *, share: int, again: bool, kept: int) -> None:
        mark = self._marks / point.name
        if point.place == "looked":
            await self._lose_an_answer(point)
        for name in self._armed_by(point):
            self._product.arm(name, point, mark)
        self._doors.open(min(share or int(again), max(1, self._room())))
        began = fed = time.monotonic()
        armed, turn = self._armed_by(point)[0], self._size.turn * (2 if again else 1)
        while not mark.exists() and self._product.ready_for(armed) < turn and time.monotonic() - began < 2 * turn:
            await asyncio.sleep(LOOK_SECONDS)
            if time.monotonic() - fed > HUNGRY_SECONDS and self._doors.left > kept and self._room() > 0:
                self._doors.open()
                fed = time.monotonic()
        self.storm.points[point.name] = mark.exists()
        await asyncio.sleep(2 * TEND_SECONDS)  # who left the mark dies right after it, and is to be counted for it

    def _armed_by(self, point: Point) -> list[str]:
        """One worker, so that the other goes on unharmed; where a step is to be looked after, whoever takes it up."""
        if point.in_api:
            return ["api"]
        return self._product.workers if point.place == "looked" else self._product.workers[:1]

    async def _lose_an_answer(self, point: Point) -> None:
        vendors, pattern = STEP_BY_CALL.get(point.step, ((), ""))
        for vendor in vendors:
            await self._vendors.controls[vendor].fault(effect="lost_after", pattern=pattern, times=1)

    async def _kill_at_random(self) -> None:
        chance = Random(f"{self._seed}:kills")
        while not self._stop.is_set():
            await asyncio.sleep(chance.uniform(*self._size.kill_pause))
            victim = chance.choice(["api", *self._product.workers[1:]])
            if self._product.ready_for(victim) > LEAST_LIFE_SECONDS and not self._second_turns:  # a second turn missed through a kill has no third
                self._product.kill(victim)

    async def _move_the_clock(self) -> None:
        """So that what waits for the business clock (a second look at a registrar, the check of a payment) comes within the storm."""
        while not self._stop.is_set():
            await asyncio.sleep(LEAP_EVERY_SECONDS)
            await self._vendors.controls["stripe"].advance(LEAP_SECONDS)

    async def _kill_postgres(self) -> None:
        """Once a third of the customers are in. The supervisor is to bring it back, and everybody has to find it again."""
        some = self._doors.left * 2 // 3
        while self._doors.left > some and not self._stop.is_set():
            await asyncio.sleep(LOOK_SECONDS)
        data = self._vendors.system.data
        if data is not None:
            os.kill(system.running(data).pids["postgres"], signal.SIGKILL)
            self.storm.postgres_killed = True


async def keep_running(product: Product) -> None:
    """For ever: whoever dies is started again."""
    while True:
        product.tend()
        await asyncio.sleep(TEND_SECONDS)
