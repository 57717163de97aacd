"""What clients do that are careless or mean harm: no request hangs, none is answered twice or with another's answer, none is done after the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from starlette.types import Receive, Scope, Send

from nextbill.runtime.batching import Awaited
from nextbill.runtime.web.front import front
from nextbill.runtime.web.table import BODY_BYTES_MAX, Answered, Asked, Route, Table
from nextbill_simulators.chassis.serving import serve
from tests.web.test_front import StoppedClock, _closing, _elsewhere

HEAD = b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b"


def message(path: str, body: bytes = b"{}") -> bytes:
    return HEAD % (path.encode(), len(body), body)


@dataclass
class House:
    """Hot doors: `batch` waits for `waiting`, which the test answers; `task` waits for what only a task can wait for."""

    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    waiting: list[Awaited[bytes]] = field(default_factory=list)
    tasks: list[bool] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def echo(self, asked: Asked) -> Answered:
        self.asked.append(asked.body)
        return Answered(b"<%b>" % asked.body)

    async def batch(self, asked: Asked) -> Answered:
        self.asked.append(asked.body)
        return Answered(b"<%b %b>" % (asked.body, await self._next()))

    async def twice(self, asked: Asked) -> Answered:
        first = await self._next()
        return Answered(b"<%b %b %b>" % (asked.body, first, await self._next()))

    async def task(self, asked: Asked) -> Answered:
        """As `Lines.fetch`, after a batch."""
        told = await self._next()
        if asyncio.current_task() is None:
            await asyncio.sleep(0)
        self.tasks.append(asyncio.current_task() is not None)
        async with asyncio.timeout(30):
            await self.open.wait()
        return Answered(b"<%b %b>" % (asked.body, told))

    async def unsayable(self, _asked: Asked) -> Answered:
        return Answered(await self._next(), 1000)

    def _next(self) -> Awaited[bytes]:
        awaited: Awaited[bytes] = Awaited()
        self.waiting.append(awaited)
        return awaited

    def table(self) -> Table:
        doors = {"echo": self.echo, "batch": self.batch, "twice": self.twice, "task": self.task, "unsayable": self.unsayable}
        return Table([Route("POST", f"/{name}", door, hot=True) for name, door in doors.items()], self._behind, clock=StoppedClock())

    async def _behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked.append(b"elsewhere")
        await _elsewhere(scope, receive, send)

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not met():
                await asyncio.sleep(0.001)

    async def say(self, *parts: bytes) -> bytes:
        """What comes until the server closes."""
        async with self.line() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
            async with asyncio.timeout(30):
                return await reader.read()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def opened() -> AsyncIterator[House]:
    house = House()
    table = house.table()
    async with serve(table, http=front(table, trusted_proxies="127.0.0.1"), date_header=False, idle_seconds=30) as url:
        house.port = int(url.rpartition(":")[2])
        yield house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as made:
        yield made


async def answer_of(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(30):
        return (await reader.readuntil(b">")).rpartition(b"\r\n\r\n")[2]


async def test_answers_go_to_those_who_asked_in_whatever_order_they_come(house: House) -> None:
    async with house.line() as one, house.line() as other, house.line() as third:
        for place, (_, writer) in enumerate((one, other, third)):
            writer.write(message("batch", b"%d" % place))
            await house.until(lambda place=place: len(house.waiting) > place)  # type: ignore[misc]  # a default of a lambda has no type
        for place in (2, 0, 1):
            house.waiting[place].answer(b"for %d" % place)
        assert [await answer_of(reader) for reader, _ in (one, other, third)] == [b"<0 for 0>", b"<1 for 1>", b"<2 for 2>"]


async def test_requests_behind_one_that_waits_keep_their_order_and_each_is_done_once(house: House) -> None:
    async with house.line() as (reader, writer):
        writer.write(message("echo", b"1") + message("batch", b"2") + message("echo", b"3") + message("twice", b"4") + message("echo", b"5"))
        assert await answer_of(reader) == b"<1>"
        await house.until(lambda: len(house.waiting) == 1)
        house.waiting[0].answer(b"x")
        assert [await answer_of(reader), await answer_of(reader)] == [b"<2 x>", b"<3>"]
        await house.until(lambda: len(house.waiting) == 2)
        house.waiting[1].answer(b"y")
        await house.until(lambda: len(house.waiting) == 3)
        house.waiting[2].answer(b"z")
        assert [await answer_of(reader), await answer_of(reader)] == [b"<4 y z>", b"<5>"]
    assert house.asked == [b"1", b"2", b"3", b"5"]


async def test_what_needs_a_task_gets_one_where_it_is(house: House) -> None:
    async with house.line() as (reader, writer):
        writer.write(message("task", b"1"))
        await house.until(lambda: len(house.waiting) == 1)
        house.waiting[0].answer(b"x")
        await house.until(lambda: bool(house.tasks))
        house.open.set()
        assert await answer_of(reader) == b"<1 x>"
    assert house.tasks == [True]


async def test_a_failed_wait_is_a_problem_and_an_answer_that_cannot_be_written_ends_its_connection_only(house: House) -> None:
    async with house.line() as (reader, writer), house.line() as (other, others_writer):
        writer.write(_closing(message("batch", b"1")))
        others_writer.write(message("unsayable") + message("echo", b"never"))
        await house.until(lambda: len(house.waiting) == 2)
        loop, heard = asyncio.get_running_loop(), list[str]()
        loop.set_exception_handler(lambda _loop, context: heard.append(context["message"]))
        for waiting in house.waiting:
            waiting.fail(RuntimeError("the rows are no rows")) if waiting is house.waiting[0] else waiting.answer(b"x")
        assert b"internal_error" in await reader.read()
        with suppress(ConnectionError):
            assert await other.read() == b""
        loop.set_exception_handler(None)
    assert heard == ["an answer could not be told"]
    assert b"never" not in house.asked


async def test_a_client_that_left_gets_nothing_and_its_answer_nobody(house: House) -> None:
    async with house.line() as (reader, writer):
        writer.write(message("batch", b"1"))
        await house.until(lambda: len(house.waiting) == 1)
        writer.transport.abort()
        async with house.line() as (other, others_writer):
            others_writer.write(message("batch", b"2"))
            await house.until(lambda: len(house.waiting) == 2)
            for waiting in house.waiting:
                waiting.answer(b"x")
            assert await answer_of(other) == b"<2 x>"
        with suppress(ConnectionError):
            assert await reader.read() == b""
    assert house.asked == [b"1", b"2"]


async def test_nothing_is_done_after_a_connections_last_request(house: House) -> None:
    last = _closing(message("echo", b"last"))
    for behind in (message("echo", b"more"), b"GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n"):
        found = await house.say(last + behind)
        assert found.count(b"HTTP/1.1 ") == 1
        assert found.endswith(b"<last>")
    assert house.asked == [b"last", b"last"]


async def test_a_request_under_way_is_answered_when_the_server_leaves() -> None:
    async with opened() as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        idle, idle_writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(message("batch", b"1"))
        await house.until(lambda: len(house.waiting) == 1)
        asyncio.get_running_loop().call_later(0.2, house.waiting[0].answer, b"x")
    found = await reader.read()
    assert found.endswith(b"<1 x>")
    assert b"connection: close" in found
    assert await idle.read() == b""
    for one in (writer, idle_writer):
        one.close()


@pytest.mark.parametrize(
    ("message_", "status"),
    [
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{}", b"400"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n{}", b"400"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\n{}", b"400"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2 2\r\n\r\n{}", b"400"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", b"400"),
        (b"POST /echo HTTP/1.1\r\nHost : x\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        (b"post /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", b"400"),
    ],
)
async def test_what_two_readers_could_read_differently_is_refused(house: House, message_: bytes, status: bytes) -> None:
    assert (await house.say(message_)).startswith(b"HTTP/1.1 " + status)
    assert not house.asked


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"POST /%65cho HTTP/1.1", b"<{}>"),
        (b"POST /echo? HTTP/1.1", b"<{}>"),
        (b"POST http://x/echo HTTP/1.1", b"<{}>"),
        (b"POST //echo HTTP/1.1", b"elsewhere"),
        (b"POST /echo/ HTTP/1.1", b"elsewhere"),
        (b"POST /ECHO HTTP/1.1", b"elsewhere"),
        (b"OPTIONS /echo HTTP/1.1", b"elsewhere"),
        (b"PUT /echo HTTP/1.1", b"elsewhere"),
    ],
)
async def test_other_spellings_of_a_request_go_uvicorns_way(house: House, head: bytes, told: bytes) -> None:
    found = await house.say(head + b"\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
    assert found.startswith(b"HTTP/1.1 200 ")
    assert found.endswith(told)


async def test_a_head_request_has_no_body_and_the_connection_goes_on(house: House) -> None:
    found = await house.say(b"HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n" + _closing(message("echo", b"next")))
    assert found.count(b"HTTP/1.1 200 ") == 2
    assert b"elsewhere" not in found
    assert found.endswith(b"<next>")


async def test_chunks_may_have_extensions_and_trailers_which_are_no_part_of_the_body(house: House) -> None:
    chunked = (
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Api-Key\r\n\r\n"
        b"3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nX-Api-Key: mine\r\n\r\n"
    )
    assert (await house.say(chunked + _closing(message("echo", b"next")))).endswith(b"<next>")
    assert house.asked == [b"abcde", b"next"]


async def test_half_a_request_is_none(house: House) -> None:
    for half in (b"POST /echo HT", message("echo", b"whole")[:-1], message("echo", b"whole")[:40]):
        async with house.line() as (reader, writer):
            writer.write(half)
            writer.write_eof()
            with suppress(ConnectionError):
                assert await reader.read() == b""
    assert (await house.say(_closing(message("echo")))).endswith(b"<{}>")
    assert house.asked == [b"{}"]


async def test_a_body_that_is_too_large_harms_no_request_behind_it_however_it_is_cut(house: House) -> None:
    large = message("echo", b" " * (BODY_BYTES_MAX + 70_000)) + message("echo", b"a") + _closing(message("echo", b"b"))
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    chunked = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 6 + b"0\r\n\r\n" + _closing(message("echo", b"c"))
    for sent, behind in ((large, [b"a", b"b"]), (chunked, [b"c"])):
        house.asked.clear()
        found = await house.say(*(sent[at : at + 50_021] for at in range(0, len(sent), 50_021)))
        assert found.startswith(b"HTTP/1.1 413 ")
        assert found.count(b"HTTP/1.1 413 ") == 1
        assert found.count(b"HTTP/1.1 200 ") == len(behind)
        assert house.asked == behind


async def test_a_head_that_is_large_is_no_trouble_to_others(house: House) -> None:
    large = message("echo").replace(b"Host: x\r\n", b"Host: x\r\nX-Large: " + b"y" * 60_000 + b"\r\n")
    assert (await house.say(_closing(large))).startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ", b"HTTP/1.1 431 "))
    assert (await house.say(_closing(message("echo")))).endswith(b"<{}>")
