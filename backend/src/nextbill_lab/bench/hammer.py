"""Sends prepared requests on kept connections. Lean on purpose: what it costs is not measured, but it shares the machine."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_END_OF_HEAD = b"\r\n\r\n"
PATIENCE_SECONDS = 120.0


@dataclass
class Volley:
    """What came back: answers by status, seconds from first to last, and for each message its answer's status and body and how long it took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return sum(self.statuses.values())

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds


def request(url: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of an HTTP/1.1 request on a kept connection."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if body or method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + _END_OF_HEAD + body


async def hammer(url: str, message: bytes, *, count: int, connections: int) -> Volley:
    """Send `message` `count` times. See `fire`."""
    return await fire(url, [message] * count, connections=connections)


async def fire(url: str, messages: Sequence[bytes], *, connections: int) -> Volley:
    """Send each message once over `connections` connections, each waiting for its answer before the next.

    Raises:
        ConnectionError, TimeoutError: the server closed a connection or was too slow.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    count = len(messages)
    volley = Volley(answers=[(0, b"")] * count, waits=[0.0] * count)
    queue = _Queue(messages)
    loop = asyncio.get_running_loop()
    lines: list[_Line] = []
    try:
        for _ in range(min(connections, count)):
            _, line = await loop.create_connection(lambda: _Line(queue, volley), host, port)
            lines.append(line)
        began = time.perf_counter()
        for line in lines:
            line.next()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(line.done for line in lines))
        volley.seconds = time.perf_counter() - began
    finally:
        for line in lines:
            line.close()
    volley.statuses.update(status for status, _ in volley.answers)
    return volley


class _Queue:
    def __init__(self, messages: Sequence[bytes]) -> None:
        self.messages, self._next, self._count = messages, 0, len(messages)

    def take(self) -> int:
        """The number of the next message, -1 where none is left."""
        number = self._next
        if number >= self._count:
            return -1
        self._next = number + 1
        return number


class _Line(asyncio.Protocol):
    def __init__(self, queue: _Queue, volley: Volley) -> None:
        self._queue, self._volley = queue, volley
        self._buffer = b""
        self._number, self._sent = -1, 0.0
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport can write

    def data_received(self, data: bytes) -> None:
        self._buffer = buffer = self._buffer + data if self._buffer else data
        head = buffer.find(_END_OF_HEAD)
        if head < 0:
            return
        end = head + 4 + length_of(buffer[:head])
        if len(buffer) < end:
            return
        number = self._number
        self._volley.waits[number] = time.perf_counter() - self._sent
        self._volley.answers[number] = (int(buffer[9:12]), buffer[head + 4 : end])
        self._buffer = buffer[end:]
        self.next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def close(self) -> None:
        if not self.done.done():
            self.done.cancel()
        if self._transport is not None:
            self._transport.close()

    def next(self) -> None:
        if self._transport is None or self.done.done():
            return
        self._number = number = self._queue.take()
        if number < 0:
            self.done.set_result(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(self._queue.messages[number])


def length_of(head: bytes) -> int:
    """Of the body, by the Content-Length of an answer's head; the product's and the yardstick's answers always have one."""
    lower = head.lower()
    place = lower.find(b"\ncontent-length:")
    if place < 0:
        return 0
    end = lower.find(b"\r", place)
    return int(lower[place + 16 : end if end >= 0 else len(lower)])
