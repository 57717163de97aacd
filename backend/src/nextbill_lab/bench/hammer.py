"""Sends prepared requests on kept connections. Lean on purpose: what it costs is not measured, but it shares the machine."""

from __future__ import annotations

import asyncio
import select
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_END_OF_HEAD = b"\r\n\r\n"
PATIENCE_SECONDS = 120.0
PIECE = 65536


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
    return await asyncio.to_thread(_fire, (parts.hostname or "", parts.port or 80), messages, connections)


def _fire(address: tuple[str, int], messages: Sequence[bytes], connections: int) -> Volley:
    count = len(messages)
    volley = Volley(answers=[(0, b"")] * count, waits=[0.0] * count)
    with ExitStack() as stack:
        ready = stack.enter_context(select.epoll())
        lines: dict[int, _Line] = {}
        for _ in range(min(connections, count)):
            line = _Line(stack.enter_context(socket.create_connection(address, PATIENCE_SECONDS)), volley)
            lines[line.number] = line
            ready.register(line.number, select.EPOLLIN)
        began = time.perf_counter()
        numbers = iter(range(count))
        left = sum(line.send(messages, next(numbers, -1)) for line in lines.values())
        while left:
            events = ready.poll(PATIENCE_SECONDS)
            if not events:
                raise TimeoutError(f"no answer within {PATIENCE_SECONDS:.0f} s")
            for number, _ in events:
                line = lines[number]
                if line.answered():
                    left -= 1
                    left += line.send(messages, next(numbers, -1))
        volley.seconds = time.perf_counter() - began
    volley.statuses.update(status for status, _ in volley.answers)
    return volley


class _Line:
    """One connection, and which message it waits for the answer to."""

    def __init__(self, connection: socket.socket, volley: Volley) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = connection.fileno()
        self._connection, self._volley = connection, volley
        self._buffer, self._message, self._sent = b"", -1, 0.0

    def send(self, messages: Sequence[bytes], number: int) -> bool:
        """Whether there was one to send."""
        if number < 0:
            return False
        self._message, self._sent = number, time.perf_counter()
        self._connection.sendall(messages[number])
        return True

    def answered(self) -> bool:
        """Reads what has come: whether the answer is whole."""
        data = self._connection.recv(PIECE)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._buffer = buffer = self._buffer + data if self._buffer else data
        head = buffer.find(_END_OF_HEAD)
        if head < 0:
            return False
        end = head + 4 + length_of(buffer[:head])
        if len(buffer) < end:
            return False
        self._volley.waits[self._message] = time.perf_counter() - self._sent
        self._volley.answers[self._message] = (int(buffer[9:12]), buffer[head + 4 : end])
        self._buffer = buffer[end:]
        return True


def length_of(head: bytes) -> int:
    """Of the body, by the Content-Length of an answer's head; the product's and the yardstick's answers always have one."""
    lower = head.lower()
    place = lower.find(b"\ncontent-length:")
    if place < 0:
        return 0
    end = lower.find(b"\r", place)
    return int(lower[place + 16 : end if end >= 0 else len(lower)])
