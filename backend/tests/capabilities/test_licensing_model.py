"""A model of quotas against the real thing: whatever is done in whatever order, both say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule, run_state_machine_as_test

from nextbill.capabilities.licensing.jobs import Upkeep
from nextbill.runtime.batching import Lines
from nextbill.runtime.database import Role
from tests.capabilities.test_licensing_reservations import allow
from tests.capabilities.workshop import Workshop, open_workshop
from tests.support.panels import Panel, open_panel


class World:
    """One workshop for all the runs of a model; each run has a license of its own."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        self.shop: Workshop = self.run(self.stack.enter_async_context(open_workshop(dsn, folder)))
        self.panel: Panel = self.run(self.stack.enter_async_context(open_panel(self.shop, processes=2)))
        self.customer = self.run(self.shop.customer())
        self.lines = Lines(self.shop.database.url(Role.LICENSE))
        self.serial = 0

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def next(self) -> str:
        self.serial += 1
        return f"id-{self.serial}"

    def close(self) -> None:
        self.run(self.lines.close())
        self.run(self.stack.aclose())
        self.runner.close()


@pytest.fixture
def world(dsn: str, tmp_path: Path) -> Iterator[World]:
    opened = World(dsn, tmp_path)
    yield opened
    opened.close()


class Quotas(RuleBasedStateMachine):
    """`held`: reservation id → (quantity, seconds until it runs out)."""

    world: ClassVar[World]
    held = Bundle("held")
    events = Bundle("events")

    @initialize(limit=st.none() | st.integers(0, 8))
    def begin(self, limit: int | None) -> None:
        self.license_id, self.key = self.world.run(self.world.shop.license(self.world.customer))
        self.world.run(allow(self.world.shop, self.license_id, databases=limit))
        self.limit, self.used, self.clock = limit, 0, 0
        self.holds: dict[str, tuple[int, int]] = {}
        self.known: dict[str, tuple[str, int]] = {}

    @property
    def reserved(self) -> int:
        return sum(quantity for quantity, _ in self.holds.values())

    @property
    def free(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used - self.reserved)

    def _expire(self) -> None:
        """The real one frees what ran out before it says that there is no room; so does the model."""
        self.holds = {name: (quantity, ends) for name, (quantity, ends) in self.holds.items() if ends > self.clock}

    @rule(target=held, quantity=st.integers(1, 4), ttl=st.sampled_from([30, 600]))
    def reserve(self, quantity: int, ttl: int) -> Any:
        answer = self.world.run(self.world.panel.reserve(self.key, quantity=quantity, ttl_seconds=ttl, external_id=self.world.next()))
        if self.free is not None and self.free < quantity:
            self._expire()
        if self.free is not None and self.free < quantity:
            assert (answer.status_code, answer.json()["code"]) == (409, "quota_exceeded")
            return multiple()
        assert answer.status_code == 201, answer.text
        self.holds[answer.json()["id"]] = (quantity, self.clock + ttl)
        assert answer.json()["remaining_quota"] == self.free
        return answer.json()["id"]

    @rule(one=consumes(held))
    def commit(self, one: str) -> None:
        answer = self.world.run(self.world.panel.conclude(one, "commit"))
        quantity, ends = self.holds.get(one, (0, 0))
        if ends > self.clock:
            del self.holds[one]
            self.used += quantity
            assert answer.json()["status"] == "committed"
        else:
            assert answer.json()["code"] == "reservation_gone"

    @rule(one=consumes(held))
    def release(self, one: str) -> None:
        answer = self.world.run(self.world.panel.conclude(one, "release"))
        assert answer.json()["status"] in ("released", "expired")
        self.holds.pop(one, None)

    @rule(target=events, action=st.sampled_from(["created", "deleted", "set"]), count=st.integers(0, 5))
    def report(self, action: str, count: int) -> str:
        name = self.world.next()
        self._report(name, action, count)
        return name

    @rule(name=events)
    def report_again(self, name: str) -> None:
        if name in self.known:
            action, count = self.known[name]
            answer = self.world.run(self.world.panel.use(self.key, name, action, count))
            assert (answer.json()["applied"], answer.json()["used"]) == (False, self.used)

    def _report(self, name: str, action: str, count: int) -> None:
        answer = self.world.run(self.world.panel.use(self.key, name, action, count))
        after = {"created": self.used + count, "deleted": self.used - count, "set": count}[action]
        if after < 0:
            assert (answer.json()["code"], answer.json()["used"]) == ("usage_below_zero", self.used)
            return
        self.used = after
        self.known[name] = (action, count)
        said = answer.json()
        assert (said["used"], said["applied"], said["over_limit"]) == (after, True, self.limit is not None and after > self.limit)

    @rule(limit=st.none() | st.integers(0, 8))
    def change_limit(self, limit: int | None) -> None:
        self.world.run(allow(self.world.shop, self.license_id, databases=limit))
        self.limit = limit

    @rule()
    def a_minute_passes(self) -> None:
        self.world.shop.advance(seconds=60)
        self.clock += 60

    @rule()
    def upkeep(self) -> None:
        keeper = Upkeep(self.world.lines, cipher=self.world.shop.cipher)
        self.world.run(keeper.free_reservations(None, now=self.world.shop.now()))  # type: ignore[arg-type]  # it needs no transaction
        self._expire()

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "key"):
            return
        said = self.world.run(self.world.panel.validate(self.key, "create_database"))
        assert said["valid"] == (self.free != 0)
        assert said["remaining_quota"] == (self.free if said["valid"] else 0)


def test_quotas_are_as_their_model(world: World) -> None:
    machine = type("OneWorld", (Quotas,), {"world": world})
    relaxed = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    run_state_machine_as_test(machine, settings=relaxed)
    assert world.run(world.shop.violations()) == []
