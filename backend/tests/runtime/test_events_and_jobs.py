"""Facts and jobs belong to the transaction that made them; a reaction runs once, whatever is delivered twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from nextbill.kernel.events import Event
from nextbill.kernel.ids import new_id
from nextbill.runtime import events, inbox, jobs
from nextbill.runtime.clock import MovableClock
from nextbill.runtime.crypto import CannotDecrypt, FieldCipher
from nextbill.runtime.database import Database, Role, role_urls
from nextbill.runtime.events import Reaction, Reactor, publish
from nextbill.runtime.settings import Settings
from nextbill.runtime.worker import Tick, Worker, fire
from tests.support.databases import SECRET_KEY

NOBODYS = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    thing_id: UUID


@dataclass
class Bench:
    database: Database
    clock: MovableClock
    worker: Worker
    seen: list[UUID]
    plan: list[Exception]
    ran: list[str]

    async def count(self, table: str) -> int:
        async with self.database.reading(Role.WORK) as tx:
            return int((await tx.execute(text(f"select count(*) from {table}"))).scalar_one())


@pytest.fixture
async def bench(dsn: str, tmp_path: Path) -> AsyncIterator[Bench]:
    settings = Settings(database_url=dsn, secret_key=SECRET_KEY, _env_file=None)
    seen: list[UUID] = []
    plan: list[Exception] = []
    ran: list[str] = []

    async def react(tx: Any, event: Happened, *, now: Any) -> None:
        seen.append(event.thing_id)
        if plan:
            raise plan.pop(0)

    async def work(payload: Any, context: Any) -> None:
        ran.append(payload["word"])
        if plan:
            raise plan.pop(0)

    reactions = [
        Reaction("tests.react", Happened, react, when=lambda event: event.thing_id != NOBODYS),
        Reaction("tests.retired", Happened, react, retired=True),
    ]
    database, clock = Database(role_urls(settings), reactions=events.wired_to(reactions)), MovableClock(tmp_path / "clock.json")
    handlers = {events.REACT: Reactor(database, clock, reactions), "tests.work": work}
    worker = Worker(database, clock, handlers, [], heartbeat=timedelta(seconds=30))
    yield Bench(database, clock, worker, seen, plan, ran)
    await database.close()


async def test_rolled_back_there_was_no_event_and_no_job(bench: Bench) -> None:
    with pytest.raises(RuntimeError):
        async with bench.database.writing(Role.WORK) as tx:
            await publish(tx, Happened(thing_id=new_id()), now=bench.clock.now())
            raise RuntimeError
    assert await bench.count("runtime_event") == await bench.count("pgqueuer.pgqueuer") == 0
    assert await bench.worker.drain() == 0


async def test_committed_the_reaction_runs_once(bench: Bench) -> None:
    async with bench.database.writing(Role.WORK) as tx:
        await publish(tx, Happened(thing_id=new_id()), now=bench.clock.now())
    await bench.worker.drain()
    assert len(bench.seen) == await bench.count("runtime_reaction") == 1


async def test_delivered_twice_the_reaction_still_runs_once(bench: Bench) -> None:
    """As after SIGKILL between the reaction's commit and the job's end: the queue hands it out again."""
    async with bench.database.writing(Role.WORK) as tx:
        event_id = await publish(tx, Happened(thing_id=new_id()), now=bench.clock.now())
        [(body,)] = (await tx.execute(text("select payload from pgqueuer.pgqueuer"))).all()
    await bench.worker.drain()
    _correlation, payload = jobs.unpack(bytes(body))
    async with bench.database.writing(Role.WORK) as tx:
        await jobs.enqueue(tx, events.REACT, payload)
    await bench.worker.drain()
    assert len(bench.seen) == 1
    assert payload["event_id"] == str(event_id)


async def test_what_does_not_concern_a_reaction_is_no_job_of_its(bench: Bench) -> None:
    async with bench.database.writing(Role.WORK) as tx:
        event_id = await publish(tx, Happened(thing_id=NOBODYS), now=bench.clock.now())
    assert await bench.count("runtime_event") == 1
    assert await bench.count("pgqueuer.pgqueuer") == 0
    async with bench.database.writing(Role.WORK) as tx:  # as an earlier release did, which asked every time
        facts = {"event_id": str(event_id), "event": Happened.name(), "reaction": "tests.react", "payload": {"thing_id": str(NOBODYS)}}
        await jobs.enqueue(tx, events.REACT, facts)
    assert await bench.worker.drain() == 1
    assert bench.seen == []


async def test_a_retired_reaction_does_what_an_earlier_release_has_left_behind(bench: Bench) -> None:
    """Nothing asks for it any more."""
    async with bench.database.writing(Role.WORK) as tx:
        await publish(tx, Happened(thing_id=new_id()), now=bench.clock.now())
        [(body,)] = (await tx.execute(text("select payload from pgqueuer.pgqueuer"))).all()
    await bench.worker.drain()
    assert len(bench.seen) == 1
    _correlation, payload = jobs.unpack(bytes(body))
    for _ in range(2):
        async with bench.database.writing(Role.WORK) as tx:
            await jobs.enqueue(tx, events.REACT, {**payload, "reaction": "tests.retired"})
        await bench.worker.drain()
    assert len(bench.seen) == 2


async def test_a_failed_reaction_leaves_nothing_and_is_tried_again(bench: Bench) -> None:
    bench.plan.append(ValueError("not yet"))
    async with bench.database.writing(Role.WORK) as tx:
        await publish(tx, Happened(thing_id=new_id()), now=bench.clock.now())
    await bench.worker.drain(patience=timedelta(seconds=3))
    assert len(bench.seen) == 2
    assert await bench.count("runtime_reaction") == 1


async def test_a_job_whose_tries_are_used_up_is_held_with_its_error(bench: Bench) -> None:
    async with bench.database.writing(Role.WORK) as tx:
        await jobs.enqueue(tx, "tests.work", {"word": "fails"})
        await tx.execute(text("update pgqueuer.pgqueuer set attempts = :last"), {"last": jobs.MAX_ATTEMPTS - 1})
    bench.plan.append(ValueError("for good"))
    await bench.worker.drain()
    async with bench.database.reading(Role.WORK) as tx:
        [(status, message)] = (
            await tx.execute(
                text(
                    "select q.status::text, l.traceback->>'exception_message' from pgqueuer.pgqueuer q join pgqueuer.pgqueuer_log l on l.job_id = q.id where l.traceback is not null"
                )
            )
        ).all()
    assert (status, message) == ("failed", "for good")


async def test_a_job_carries_references_not_documents(bench: Bench) -> None:
    with pytest.raises(ValueError, match="references"):
        async with bench.database.writing(Role.WORK) as tx:
            await jobs.enqueue(tx, "tests.work", {"word": "x" * 20_000})


async def test_of_many_workers_one_fires_a_tick(bench: Bench) -> None:
    fired: list[int] = []

    async def run(tx: Any, *, now: Any) -> None:
        fired.append(1)

    tick = Tick("tests.tick", timedelta(minutes=5), run)
    results = [await fire(bench.database, bench.clock, tick) for _ in range(3)]
    assert results == [True, False, False]
    assert len(fired) == 1


async def test_events_are_append_only_even_for_the_owner(bench: Bench, dsn: str) -> None:
    import psycopg

    async with bench.database.writing(Role.WORK) as tx:
        await publish(tx, Happened(thing_id=new_id()), now=bench.clock.now())
    with psycopg.connect(dsn, autocommit=True) as owner:
        for statement in ("update runtime_event set name = 'x'", "delete from runtime_event", "truncate runtime_event"):
            with pytest.raises(psycopg.Error, match="append-only"):
                owner.execute(statement)


async def test_what_comes_in_twice_is_stored_once(bench: Bench) -> None:
    cipher = FieldCipher.from_setting(None, SECRET_KEY)
    answers = []
    for _ in range(2):
        async with bench.database.writing(Role.WORK) as tx:
            answers.append(
                await inbox.store(
                    tx, cipher, source="stripe", external_id="evt_1", kind="x", body='{"secret": 1}', job="tests.work", now=bench.clock.now()
                )
            )
    assert answers == [True, False]
    assert await bench.count("runtime_inbox") == await bench.count("pgqueuer.pgqueuer") == 1
    async with bench.database.reading(Role.WORK) as tx:
        assert "secret" not in (await tx.execute(text("select body from runtime_inbox"))).scalar_one()


def test_a_sealed_field_opens_in_its_own_place_only() -> None:
    cipher, row = FieldCipher.from_setting(None, SECRET_KEY), new_id()
    sealed = cipher.encrypt("auth-code", table="domains_domain", row=row, column="auth_code")
    assert cipher.decrypt(sealed, table="domains_domain", row=row, column="auth_code") == "auth-code"
    for place in ({"table": "other", "row": row, "column": "auth_code"}, {"table": "domains_domain", "row": new_id(), "column": "auth_code"}):
        with pytest.raises(CannotDecrypt):
            cipher.decrypt(sealed, **place)


async def test_a_state_moves_only_as_its_machine_lists(bench: Bench, dsn: str) -> None:
    import psycopg

    with psycopg.connect(dsn, autocommit=True) as owner:
        machines = owner.execute("select distinct machine from runtime_transition order by 1").fetchall()
    assert len(machines) >= 5
    with pytest.raises(DBAPIError, match="permission denied"):
        async with bench.database.writing(Role.WORK) as tx:
            await tx.execute(text("insert into runtime_transition values ('orders_order', 'completed', 'pending')"))
