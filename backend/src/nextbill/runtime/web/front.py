"""uvicorn's own protocol, with a short way for the routes that a table names whole: one write an answer, no ASGI messages, and for hot doors no task.

A hot door is run by whoever brings what it waits for: the first part of it when the request has come whole, the next when the rows of its batch are there.
What waits for anything else gets a task, which takes it up where it is.

Whatever is not plain (HTTP/1.0, Expect, Upgrade, a query, a request behind another on the same connection, a client that does not read) goes
uvicorn's way, where the same table answers it. decisions/0012 has the figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Generator
from contextvars import Context, copy_context
from functools import lru_cache, partial
from types import coroutine
from typing import Any, ClassVar, Final

from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from nextbill.runtime.batching import Awaited
from nextbill.runtime.web.table import BODY_BYTES_MAX, Answered, Asked, Route, Table, answered, headers_of, observe, plain_headers, too_large

_FORWARDED_FOR: Final = b"x-forwarded-for"


class Exchange:
    """One request on the short way. It stands where uvicorn has its cycle, and has what uvicorn asks of that."""

    __slots__ = ("began", "body", "context", "disconnected", "door", "keep_alive", "more_body", "response_complete", "route", "scope")
    door: Coroutine[Any, None, Answered]
    context: Context
    """Of its own, as a task has: what it says of itself (its language, its correlation id) is not to be said of the next."""

    def __init__(self, route: Route, scope: Scope, *, keep_alive: bool) -> None:
        self.route, self.scope, self.keep_alive = route, scope, keep_alive
        self.body, self.began = b"", 0.0
        self.more_body, self.response_complete, self.disconnected = True, False, False

    @property
    def message_event(self) -> Exchange:
        return self

    def set(self) -> None:
        """Nobody waits for parts of it."""


class _Ignored:
    """What came behind a connection's last request."""

    response_complete = disconnected = True

    @property
    def message_event(self) -> _Ignored:
        return self

    def set(self) -> None:
        """Nobody waits."""


class Front(HttpToolsProtocol):
    """Of one table: `front(table, …)`."""

    table: ClassVar[Table]
    plain: ClassVar[dict[tuple[bytes, bytes], Route]]
    proxies: ClassVar[ProxyHeadersMiddleware]
    _waiting_since: float | None = None
    """Since when no whole request is there: nothing of it has come yet, or it has begun to and is not at its end."""
    _arriving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait()

    def on_headers_complete(self) -> None:
        route = self.plain.get((self.parser.get_method(), self.url))
        if self.transport.is_closing():  # this connection has had its last answer: what comes after it is not to be done either
            self.cycle = _Ignored()  # type: ignore[assignment]  # it has what is asked of a cycle
        elif route is None or not self._is_plain():
            super().on_headers_complete()
        else:
            scope: Any = self.scope
            scope["method"], scope["path"], scope["query_string"] = route.method, route.path, b""
            self.cycle = Exchange(route, scope, keep_alive=self.parser.should_keep_alive())  # type: ignore[assignment]  # as above

    def _is_plain(self) -> bool:
        under_way = self.cycle is not None and not self.cycle.response_complete
        parser = self.parser
        return not (under_way or self.expect_100_continue or self.flow.write_paused or parser.should_upgrade()) and parser.get_http_version() == "1.1"

    def on_body(self, body: bytes) -> None:
        exchange: Any = self.cycle
        if exchange.__class__ is not Exchange:
            super().on_body(body)
        elif not exchange.response_complete:
            exchange.body += body
            if len(exchange.body) > BODY_BYTES_MAX:
                self._write(exchange, too_large(exchange.scope))

    def on_message_complete(self) -> None:
        exchange: Any = self.cycle
        if exchange is None or not exchange.response_complete:
            self._waiting_since = None
        if exchange.__class__ is not Exchange:
            super().on_message_complete()
        elif not exchange.response_complete:
            self._begin(exchange)

    def _begin(self, exchange: Exchange) -> None:
        exchange.began = time.perf_counter()
        scope = exchange.scope
        if self.client is not None and self.client[0] in self.proxies.trusted_hosts:
            self._name_client(scope)
        exchange.context, exchange.door = copy_context(), answered(exchange.route, Asked(scope, exchange.body, ""), scope)
        if exchange.route.hot:
            self._go_on(exchange)
        else:
            self._take_up(exchange, exchange.door)

    def _go_on(self, exchange: Exchange) -> None:
        """Runs the door to where it waits next, or to its end."""
        try:
            try:
                waits_for = exchange.context.run(exchange.door.send, None)
            except StopIteration as end:
                self._write(exchange, end.value)
                return
            if waits_for.__class__ is Awaited:
                waits_for._asyncio_future_blocking = False  # what a task says, too, when it has heard of a future  # noqa: SLF001
                waits_for.tell = partial(self._go_on, exchange)
            else:
                self._take_up(exchange, _rest(exchange.door, waits_for))
        except BaseException:  # no answer will come
            self.transport.abort()
            raise

    def _take_up(self, exchange: Exchange, rest: Coroutine[Any, None, Answered]) -> None:
        task = self.loop.create_task(self._answer(exchange, rest), context=exchange.context)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _name_client(self, scope: Scope) -> None:
        """As uvicorn's middleware does it, for the client alone: nothing here asks for the scheme."""
        values = [value for name, value in scope["headers"] if name == _FORWARDED_FOR]
        if values:
            host, port = self.proxies.trusted_hosts.get_trusted_client_address(b", ".join(values).decode("latin-1"))
            if host:
                scope["client"] = (host, port)

    async def _answer(self, exchange: Exchange, rest: Coroutine[Any, None, Answered]) -> None:
        try:
            self._write(exchange, await rest)
        except BaseException:  # the process ends: no answer will come
            self.transport.abort()
            raise

    def _write(self, exchange: Exchange, answer: Answered) -> None:
        exchange.response_complete = True
        if exchange.disconnected or self.transport.is_closing():
            return
        self.transport.write(_message(answer, self.table.date(), keep_alive=exchange.keep_alive))
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()
        observe(exchange.route, answer.status, time.perf_counter() - exchange.began)

    # One timer for a connection that lives, not one for each request: it looks for how long there has been no whole request. Whoever sends one byte
    # now and then gets no more time than who sends none.

    def on_response_complete(self) -> None:
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            if self.cycle.more_body:  # the request behind has begun to arrive
                self._wait()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._wait()

    def _wait(self) -> None:
        self._waiting_since, self._arriving = self.loop.time(), False
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._waiting_since is None:  # a request is under way; its answer sets the timer again
            return
        left = self._waiting_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _unset_keepalive_if_required(self) -> None:
        """Something has come: with its first piece a request begins, and has its own time."""
        if not self._arriving and self._waiting_since is not None:
            self._waiting_since, self._arriving = self.loop.time(), True

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None


@coroutine
def _rest(door: Coroutine[Any, None, Answered], waits_for: Any) -> Generator[Any, None, Answered]:
    """What is left of a door, for a task that first waits for what the door waits for."""
    try:
        yield waits_for
    except BaseException:
        door.close()
        raise
    return (yield from door.__await__())


def front(table: Table, *, trusted_proxies: str) -> type[Front]:
    """The protocol for uvicorn (`http=`) to serve this table with."""
    plain = {(route.method.encode(), route.path.encode()): route for route in table.plain}
    proxies = ProxyHeadersMiddleware(table, trusted_hosts=trusted_proxies)  # type: ignore[arg-type]  # two spellings of ASGI's types
    return type("FrontOfTable", (Front,), {"table": table, "plain": plain, "proxies": proxies})


def _message(answer: Answered, date: bytes, *, keep_alive: bool) -> bytes:
    if keep_alive and not answer.headers:
        return b"%b%d\r\n\r\n%b" % (_plain_head(answer.status, date), len(answer.body), answer.body)
    lines = [b"%b: %b\r\n" % header for header in ((b"date", date), *headers_of(answer))]
    return b"".join((STATUS_LINE[answer.status], *lines, b"" if keep_alive else b"connection: close\r\n", b"\r\n", answer.body))


@lru_cache(maxsize=8)
def _plain_head(status: int, date: bytes) -> bytes:
    """All but the body's length, which comes last. The same for every answer of a quarter of a second."""
    lines = b"".join(b"%b: %b\r\n" % header for header in ((b"date", date), *plain_headers()))
    return STATUS_LINE[status] + lines + b"content-length: "
