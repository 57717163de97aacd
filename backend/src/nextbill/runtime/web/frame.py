"""Pure ASGI around every request: correlation id, body limit, security headers, metrics. Never BaseHTTPMiddleware: it costs four times as much."""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nextbill.runtime import correlation, metrics
from nextbill.runtime.web import language
from nextbill.runtime.web.problem import render, unforeseen

BODY_BYTES_MAX = 1024 * 1024
HEADER_BYTES_MAX = 32 * 1024
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


class BodyTooLarge(Exception):
    """The caller sent more than the limit."""


class Frame:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        asked = headers.get(b"x-correlation-id", b"").decode("latin-1")
        ident = correlation.begin(asked if correlation.WRITTEN.fullmatch(asked) else None)
        language.begin(scope["headers"])
        began, status, started = time.perf_counter(), 500, False

        async def sending(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                present = {name.lower() for name, _ in message.get("headers", [])}
                added = [(name, value) for name, value in SECURITY_HEADERS if name not in present]
                message["headers"] = [*message.get("headers", []), (b"x-correlation-id", ident.encode()), *added]
            await send(message)

        try:
            await self._limited(scope, headers, receive, sending)
        except Exception as error:
            response = await unforeseen(Request(scope), error)
            if started:  # half an answer is out; ending the connection is all that tells
                raise
            await response(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            metrics.requests.labels(method=scope["method"], route=route, status=status).observe(time.perf_counter() - began)

    async def _limited(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        """Refuses by Content-Length before reading; a body without one is cut off while it is read."""
        if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADER_BYTES_MAX:
            answer = render(431, "headers_too_large", "The headers are too large", f"At most {HEADER_BYTES_MAX // 1024} KiB are taken.")
            await answer(scope, receive, send)
            return
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            await _too_large(scope, receive, send)
            return
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > BODY_BYTES_MAX:
                raise BodyTooLarge
            return message

        try:
            await self._app(scope, counting, send)
        except BodyTooLarge:
            await _too_large(scope, receive, send)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    response = render(413, "body_too_large", "The body is too large", f"At most {BODY_BYTES_MAX // 1024} KiB are taken.")
    await response(scope, receive, send)
