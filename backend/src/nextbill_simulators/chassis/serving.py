"""An ASGI app over real HTTP on a free port of 127.0.0.1, inside the running event loop."""

from __future__ import annotations

import asyncio
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
async def serve(app: ASGIApp, *, listener: socket.socket | None = None) -> AsyncIterator[str]:
    """Yields the base URL. Bind a `listening_socket` first when the app must know its own address before it is made."""
    bound = listener or listening_socket()
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", lifespan="on", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server._serve([bound]))
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the server ended before it had started")
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        bound.close()
