"""Sends one request over and over on kept connections. Lean on purpose: what it costs is not measured, but it shares the machine."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_END_OF_HEAD = b"\r\n\r\n"
PATIENCE_SECONDS = 120.0


@dataclass
class Volley:
    """What came back: answers by status, and seconds from first to last."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def answered(self) -> int:
        return sum(self.statuses.values())


def request(url: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of an HTTP/1.1 request on a kept connection."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if body or method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + _END_OF_HEAD + body


async def hammer(url: str, message: bytes, *, count: int, connections: int) -> Volley:
    """Send `message` `count` times over `connections` connections, each waiting for its answer before the next.

    Raises:
        ConnectionError, TimeoutError: the server closed a connection or was too slow.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    volley, left = Volley(), _Left(count)
    began = time.monotonic()
    loop = asyncio.get_running_loop()
    lines = []
    for _ in range(min(connections, count)):
        _, line = await loop.create_connection(lambda: _Line(message, left, volley), host, port)
        lines.append(line)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(line.done for line in lines))
    finally:
        for line in lines:
            line.close()
    volley.seconds = time.monotonic() - began
    return volley


@dataclass
class _Left:
    count: int

    def take(self) -> bool:
        self.count -= 1
        return self.count >= 0


class _Line(asyncio.Protocol):
    def __init__(self, message: bytes, left: _Left, volley: Volley) -> None:
        self._message, self._left, self._volley = message, left, volley
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(_END_OF_HEAD)
        if not found or len(rest) < length_of(head):
            return
        self._volley.statuses[int(head[9:12])] += 1
        self._buffer = rest[length_of(head) :]
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def close(self) -> None:
        if not self.done.done():
            self.done.cancel()
        if self._transport is not None:
            self._transport.close()

    def _next(self) -> None:
        if self._transport is None or self.done.done():
            return
        if self._left.take():
            self._transport.write(self._message)
        else:
            self.done.set_result(None)


def length_of(head: bytes) -> int:
    """Of the body, by the Content-Length of an answer's head; the product's and the yardstick's answers always have one."""
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0
