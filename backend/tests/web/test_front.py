"""The short way of the license path's routes through the server: what HTTP promises holds on it as on uvicorn's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from nextbill.kernel.errors import Problem
from nextbill.runtime.web.front import front
from nextbill.runtime.web.table import BODY_BYTES_MAX, Answered, Asked, Route, Table
from nextbill_simulators.chassis.serving import serve

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHORT = b"POST /told HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
LONG = b"GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n"


class StoppedClock:
    def now(self) -> datetime:
        return NOW


class Refused(Problem):
    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "Refused"


@dataclass
class House:
    """A table of a few doors with an app behind it; `open` lets those go on who wait at the slow door."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def told(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        return Answered(b'{"length":%d}' % len(asked.body))

    async def slow(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        await self.open.wait()
        return Answered(b'{"slow":true}', 201)

    async def refused(self, _asked: Asked) -> Answered:
        raise Refused("No.")

    async def broken(self, _asked: Asked) -> Answered:
        raise RuntimeError("nobody foresaw this")

    def table(self) -> Table:
        doors: dict[str, Callable[[Asked], Awaitable[Answered]]] = {
            "told": self.told,
            "slow": self.slow,
            "refused": self.refused,
            "broken": self.broken,
        }
        return Table([Route("POST", f"/{name}", door) for name, door in doors.items()], _elsewhere, clock=StoppedClock())

    async def say(self, *parts: bytes, until: bytes | None = None) -> bytes:
        """Sends the parts one after the other; what comes back until the server closes, or until `until` is in it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            if until is None:
                return await reader.read()
            found = b""
            while until not in found:
                more = await reader.read(65536)
                assert more, f"closed after {found!r}"
                found += more
            return found
        finally:
            writer.close()
            await writer.wait_closed()


async def _elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    more = scope["method"] == "POST"
    while more:
        more = (await receive()).get("more_body", False)
    await PlainTextResponse("elsewhere")(scope, receive, send)


@asynccontextmanager
async def opened(*, trusted_proxies: str = "127.0.0.1", idle_seconds: int = 30) -> AsyncIterator[House]:
    house = House()
    table = house.table()
    async with serve(table, http=front(table, trusted_proxies=trusted_proxies), date_header=False, idle_seconds=idle_seconds) as url:
        house.port = int(url.rpartition(":")[2])
        yield house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as made:
        yield made


def _head(answer: httpx.Response) -> list[tuple[bytes, bytes]]:
    """Without the server's name, which the product's own server does not tell."""
    return sorted(header for header in answer.headers.raw if header[0] != b"server")


def _closing(message: bytes) -> bytes:
    return message.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n")


async def test_an_answer_has_the_same_head_on_both_ways(house: House) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{house.port}") as client:
        short, long = await client.post("/told", content=b"{}"), await client.post("/told?on=uvicorns-way", content=b"{}")
    assert short.status_code == long.status_code == 200
    assert short.json() == long.json() == {"length": 2}
    assert _head(short) == _head(long)
    assert short.headers["date"] == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert [asked.path_and_query for asked in house.asked] == ["/told", "/told?on=uvicorns-way"]


async def test_problems_and_faults_are_told_alike_on_both_ways(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{house.port}", headers={"X-Correlation-ID": "asked-by-a-test"}) as client:
        for path, status in (("/refused", 409), ("/broken", 500)):
            short, long = await client.post(path), await client.post(f"{path}?long")
            assert (short.status_code, short.json()) == (long.status_code, long.json())
            assert short.status_code == status
            assert _head(short) == _head(long)
            assert short.headers["x-correlation-id"] == "asked-by-a-test"
        assert (await client.post("/told")).status_code == 200, "the connection goes on"


async def test_a_request_may_come_byte_by_byte_and_in_chunks(house: House) -> None:
    assert (await house.say(*(bytes([one]) for one in _closing(SHORT)))).endswith(b'{"length":2}')
    chunked = b"POST /told HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{  \r\n2\r\n }\r\n0\r\n\r\n"
    assert (await house.say(chunked)).endswith(b'{"length":5}')
    assert house.asked[-1].body == b"{   }"


async def test_requests_behind_each_other_are_answered_in_their_order(house: House) -> None:
    slow = SHORT.replace(b"/told", b"/slow")
    house.open.set()
    found = await house.say(SHORT + LONG + slow + SHORT + LONG + _closing(SHORT))
    places = [
        found.index(b'{"length":2}'),
        found.index(b"elsewhere"),
        found.index(b'{"slow":true}'),
        found.rindex(b"elsewhere"),
        found.rindex(b'{"length"'),
    ]
    assert places == sorted(places)
    assert found.count(b"HTTP/1.1 ") == 6


async def test_what_comes_while_an_answer_is_under_way_waits_for_it(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(SHORT.replace(b"/told", b"/slow") + _closing(LONG))
    while not house.asked:
        await asyncio.sleep(0)
    house.open.set()
    found = await reader.read()
    assert found.index(b'{"slow":true}') < found.index(b"elsewhere")
    writer.close()


async def test_what_is_not_plain_goes_uvicorns_way(house: House) -> None:
    old = await house.say(b"POST /told HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}")
    assert old.endswith(b'{"length":2}')
    assert b"connection: close" in old
    waiting = _closing(SHORT).replace(b"Host", b"Expect: 100-continue\r\nHost")
    assert (await house.say(waiting)).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    upgrade = b"POST /told HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"
    assert b'{"length":0}' in await house.say(upgrade, until=b"}")
    assert (await house.say(_closing(SHORT).replace(b"POST", b"PUT"))).endswith(b"elsewhere")


async def test_what_is_no_http_is_refused(house: House) -> None:
    for nonsense in (
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"POST /told HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /told HTTP/9.9\r\n\r\n",
    ):
        assert (await house.say(nonsense)).startswith(b"HTTP/1.1 400 ")
    assert not house.asked


async def test_a_body_that_is_too_large_is_refused_before_it_has_come_whole(house: House) -> None:
    head = b"POST /told HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES_MAX + 10)
    body = b" " * (BODY_BYTES_MAX + 1)
    assert b"413" in (await house.say(head, body, until=b"body_too_large")).splitlines()[0]
    found = await house.say(head, body + b" " * 9 + _closing(SHORT))
    assert found.endswith(b'{"length":2}'), "what comes after it is answered"
    assert len(house.asked) == 1


async def test_the_client_is_whom_a_trusted_proxy_names(house: House) -> None:
    named = _closing(SHORT).replace(b"Host", b"X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\nHost")
    await house.say(named)
    assert house.asked[-1].address == "198.51.100.7"
    async with opened(trusted_proxies="192.0.2.1") as wary:
        await wary.say(named)
        assert wary.asked[-1].address == "127.0.0.1"


async def test_a_client_that_leaves_harms_nobody(house: House) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(SHORT.replace(b"/told", b"/slow"))
    while not house.asked:
        await asyncio.sleep(0)
    writer.transport.abort()
    house.open.set()
    assert (await house.say(_closing(SHORT))).endswith(b'{"length":2}')


async def test_a_request_under_way_is_answered_when_the_server_leaves() -> None:
    async with opened() as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(SHORT.replace(b"/told", b"/slow"))
        while not house.asked:
            await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.2, house.open.set)
    found = await reader.read()
    assert found.endswith(b'{"slow":true}')
    assert b"connection: close" in found
    writer.close()


async def test_an_idle_connection_is_closed_and_one_with_a_request_under_way_is_not() -> None:
    async with opened(idle_seconds=1) as house:
        assert (await house.say(SHORT)).endswith(b'{"length":2}'), "and then the end"
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(SHORT)
        await reader.readuntil(b"}")
        writer.write(SHORT.replace(b"/told", b"/slow"))
        asyncio.get_running_loop().call_later(1.5, house.open.set)
        assert (await reader.read()).endswith(b'{"slow":true}')
        writer.close()


HALVES = {
    "nothing": b"",
    "half a head": SHORT[:20],
    "half a body": SHORT[:-1],
    "half a body, the other way": SHORT.replace(b"/told", b"/elsewhere")[:-1],
    "half a body behind another request": b"GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + SHORT.replace(b"/told", b"/elsewhere")[:-1],
}


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES)
async def test_a_request_that_does_not_come_whole_is_not_waited_for(sent: bytes) -> None:
    async with opened(idle_seconds=1) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(sent)
        async with asyncio.timeout(20):
            found = await reader.read()
        assert found.count(b"HTTP/1.1 ") == sent.count(b"GET /elsewhere")
        writer.close()


async def test_a_request_that_comes_byte_by_byte_gets_no_more_time_for_it() -> None:
    async with opened(idle_seconds=1) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        ended, pieces = asyncio.create_task(reader.read()), (bytes([byte]) for byte in SHORT)
        async with asyncio.timeout(20):
            while not ended.done():
                writer.write(next(pieces))
                await asyncio.sleep(0.1)
        assert ended.result() == b""
        writer.close()
