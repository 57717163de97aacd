"""An ASGI app over real HTTP on a free port of 127.0.0.1, inside the running event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp


def listening_socket() -> socket.socket:
    """The protocol is named because asyncio turns Nagle's delay off only for sockets that say they are TCP: 40 ms an answer otherwise."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    return bound


@asynccontextmanager
async def serve(
    app: ASGIApp,
    *,
    listener: socket.socket | None = None,
    leaving: asyncio.Event | None = None,
    date_header: bool = True,
    http: type[asyncio.Protocol] | None = None,
    idle_seconds: int = 30,
) -> AsyncIterator[str]:
    """Yields the base URL. Bind a `listening_socket` first when the app must know its own address before it is made.

    `date_header` False: the app tells the time itself. `http`: a protocol other than uvicorn's own.
    Servers that share `leaving` stop side by side once it is set, instead of one after the other.
    """
    bound = listener or listening_socket()
    # Idle connections are kept longer than any test or pause of a busy machine: a connection closed while it is being used again is a fault nobody planned.
    config = uvicorn.Config(
        app,
        http=http or "auto",
        access_log=False,
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=idle_seconds,
        date_header=date_header,
    )
    server = _Server(config, leaving or asyncio.Event())
    with contextlib.closing(bound):
        task = asyncio.create_task(server._serve([bound]))
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the server ended before it had started")
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.leaving.set()
            await task


class _Server(uvicorn.Server):
    """Told to leave, it leaves at once; uvicorn's own loop looks ten times a second."""

    def __init__(self, config: uvicorn.Config, leaving: asyncio.Event) -> None:
        super().__init__(config)
        self.leaving = leaving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """A start that fails is an error of this server; uvicorn would end the whole process, and with it the event loop that it shares."""
        try:
            await super().startup(sockets)
        except SystemExit as ended:
            raise RuntimeError("the app did not start; its own error is above") from ended

    async def main_loop(self) -> None:
        while not self.leaving.is_set():
            await self.on_tick(0)  # keeps the Date header true
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.leaving.wait(), timeout=1)
