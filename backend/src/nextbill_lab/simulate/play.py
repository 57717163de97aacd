"""The script, played: a day is a move of the clock, what falls due, then what customers do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from nextbill_lab.bench.database import Owner
from nextbill_lab.chaos.misdeeds import Vendors
from nextbill_lab.simulate.clockwork import Clockwork, wound
from nextbill_lab.simulate.people import People, Person, Staff
from nextbill_lab.simulate.report import Month, month_end
from nextbill_lab.simulate.script import Deed, Mishap, Script
from nextbill_lab.system import System
from nextbill_lab.vendors import Outside

OPENS = time(8, tzinfo=UTC)
ENVIRONMENT = {
    "ACCESS_TOKEN_EXPIRE_MINUTES": "1000000",
    "CUSTOMER_PAUSE_DAYS_MAX": "60",
    "RATE_LIMIT_PER_MINUTE": "1000000",
    "GATEWAY_WRITES_PER_SECOND": "1000",
    "VENDOR_TIMEOUT_SECONDS": "10",
}
"""A customer stays logged in for the year; limits of time that passes faster than it does must not be met."""


@dataclass
class Played:
    """What became of it, beyond what both sides have in their books."""

    people: list[Person] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)
    told_of_rise: int = 0
    jobs: int = 0

    @property
    def refused(self) -> list[str]:
        return [line for person in self.people for line in person.refused]


def morning(day: date) -> datetime:
    return datetime.combine(day, OPENS)


async def play(system: System, script: Script, *, on_day: Callable[[date], None]) -> Played:
    """Raises Missing, Refused where the course of things breaks off. `on_day` is told each day before it is played."""
    outside = Outside()
    people, staff, vendors = People(system, outside), Staff(system), Vendors(system, outside)
    played = Played([Person(life) for life in script.lives])
    try:
        async with wound(system, outside) as clockwork:
            _hurry(system)
            await vendors.behave()
            await vendors.reseed(script.seed)
            await staff.open_shop(script.begins)
            stage = _Stage(script, played, people, staff, vendors, clockwork)
            for day in _days(script):
                on_day(day)
                await stage.live(day)
                stage.close(day)
            played.jobs = clockwork.jobs
    finally:
        await people.close()
        await outside.close()
    return played


def _days(script: Script) -> Iterator[date]:
    day = script.begins
    while day < script.until:
        yield day
        day += timedelta(days=1)


def _hurry(system: System) -> None:
    """Nobody needs these rows after a crash: a commit need not wait for the disk."""
    owner = Owner(system)
    owner.change("alter system set synchronous_commit = off")
    owner.change("select pg_reload_conf()")
    owner.close()


class _Stage:
    def __init__(self, script: Script, played: Played, people: People, staff: Staff, vendors: Vendors, clockwork: Clockwork) -> None:
        self._script, self._played, self._people, self._staff = script, played, people, staff
        self._vendors, self._clockwork, self._system = vendors, clockwork, vendors.system
        self._deeds: dict[date, list[tuple[Person, Deed]]] = defaultdict(list)
        for person in played.people:
            for deed in person.life.deeds:
                self._deeds[deed.day].append((person, deed))

    async def live(self, day: date) -> None:
        for mishap in self._script.mishaps:
            if mishap.day == day:
                await self._strike(mishap)
        await self._clockwork.move_to(morning(day))
        if day == self._script.rise_on:
            self._played.told_of_rise = await self._staff.raise_price(self._script.rise_from)
            await self._clockwork.settle()
        await self._sign_up([(person, deed) for person, deed in self._deeds[day] if deed.kind == "sign_up"])
        for person, deed in self._deeds[day]:
            if deed.kind != "sign_up":
                await self._people.act(person, deed)
                await self._clockwork.settle()
        if any(mishap.day == day for mishap in self._script.mishaps):
            await self._vendors.behave()
            await self._clockwork.settle()

    def close(self, day: date) -> None:
        """The figures of a month are taken on its last evening."""
        tomorrow = day + timedelta(days=1)
        if tomorrow.month != day.month or tomorrow == self._script.until:
            owner = Owner(self._system)
            self._played.months.append(month_end(owner, day, self._played.months))
            owner.close()

    async def _sign_up(self, arrivals: Sequence[tuple[Person, Deed]]) -> None:
        """Together, so that the worker has a turn for each step and not for each customer."""
        if not arrivals:
            return
        for person, _deed in arrivals:
            await self._people.register(person)
        await self._clockwork.settle()
        for person, _deed in arrivals:
            await self._people.confirm(person)
        for person, deed in arrivals:
            await self._people.buy(person, deed)
        await self._clockwork.settle()

    async def _strike(self, mishap: Mishap) -> None:
        if mishap.path == "/_sim/faults":
            await self._vendors.controls[mishap.vendor].fault(**mishap.rule)
        else:
            await self._vendors.call(mishap.vendor, "POST", mishap.path, dict(mishap.rule))
