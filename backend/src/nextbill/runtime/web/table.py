"""Routes that are asked thousands of times a second: a table in front of the app, raw ASGI, no framework between the bytes and the rule.

They have the frame's promises (limits, headers, problems, metrics) at a fraction of its price.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import cache
from typing import Any, ClassVar, Final

import msgspec
from prometheus_client import Histogram
from starlette.requests import Request as StarletteRequest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nextbill.kernel.clock import Clock
from nextbill.kernel.errors import Invalid, Problem
from nextbill.runtime import correlation, metrics
from nextbill.runtime.web import language
from nextbill.runtime.web.frame import SECURITY_HEADERS
from nextbill.runtime.web.problem import refused, unforeseen

BODY_BYTES_MAX: Final = 256 * 1024
_JSON: Final = (b"content-type", b"application/json")
_FIXED: Final = tuple(SECURITY_HEADERS)
_NUL: Final = rb"\u0000"


class Asked:
    """A request as the table's routes see it. `inside` is what the path holds after the route's own."""

    __slots__ = ("address", "body", "headers", "inside", "method", "path", "query")

    def __init__(self, scope: Scope, body: bytes, inside: str) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.address: str = (scope.get("client") or ("", 0))[0]
        self.body, self.inside = body, inside

    def header(self, name: bytes) -> str | None:
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def path_and_query(self) -> str:
        return f"{self.path}?{self.query.decode('latin-1')}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Answered:
    """A body in JSON, or none (304)."""

    body: bytes
    status: int = 200
    headers: Sequence[tuple[bytes, bytes]] = ()


Door = Callable[[Asked], Awaitable[Answered]]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` as documented; a last part in braces, or one before the last, is handed over as `inside`.

    `hot`: the door waits for batches and `Lines` alone, so that it can be run without a task of its own (`web.front`).
    """

    method: str
    path: str
    door: Door
    hot: bool = False


class Table:
    """ASGI: answers its own routes, hands all else to `app`."""

    def __init__(self, routes: Sequence[Route], app: ASGIApp, *, clock: Clock) -> None:
        """`clock`: whose time every answer tells, so that a panel whose own clock is off can learn it. The server adds no date of its own."""
        self._app, self._clock = app, clock
        self._date, self._date_until = b"", 0.0
        self.plain = [route for route in routes if "{" not in route.path]
        """Those whose path is known whole."""
        self._whole: Mapping[tuple[str, str], Route] = {(route.method, route.path): route for route in self.plain}
        # (method, what comes before the id, what comes after it) by the number of parts, so that one look-up finds it
        self._inside = {(route.method, *_around(route.path)): route for route in routes if "{" in route.path}
        self._starts = tuple({before for _, before, _ in self._inside})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = self._whole.get((scope["method"], scope["path"]))
        inside = ""
        if found is None and self._starts and scope["path"].startswith(self._starts):
            found, inside = self._look_inside(scope["method"], scope["path"])
        date = (b"date", self.date())
        if found is not None:
            await _serve(found, inside, scope, receive, send, date)
            return

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [date, *message.get("headers", [])]
            await send(message)

        await self._app(scope, receive, dated)

    def date(self) -> bytes:
        """Written anew four times a second, which is as exact as its seconds are."""
        elapsed = time.monotonic()
        if elapsed >= self._date_until:
            self._date = formatdate(int(self._clock.now().timestamp()), usegmt=True).encode()
            self._date_until = elapsed + 0.25
        return self._date

    def _look_inside(self, method: str, path: str) -> tuple[Route | None, str]:
        for (asked, before, after), route in self._inside.items():
            inside = path[len(before) : len(path) - len(after)] if path.endswith(after) else ""
            if asked == method and path.startswith(before) and inside and "/" not in inside:
                return route, inside
        return None, ""


def _around(path: str) -> tuple[str, str]:
    before, _, rest = path.partition("{")
    return before, rest.partition("}")[2]


async def _serve(route: Route, inside: str, scope: Scope, receive: Receive, send: Send, date: tuple[bytes, bytes]) -> None:
    began = time.perf_counter()
    body = await _body(receive)
    answer = await answered(route, Asked(scope, body, inside), scope) if body is not None else too_large(scope)
    await send({"type": "http.response.start", "status": answer.status, "headers": [date, *headers_of(answer)]})
    await send({"type": "http.response.body", "body": answer.body})
    observe(route, answer.status, time.perf_counter() - began)


async def answered(route: Route, asked: Asked, scope: Scope) -> Answered:
    """Whatever happens is an answer."""
    try:
        return await route.door(asked)
    except Exception as error:  # told apart, and logged where nobody foresaw it
        return await told(scope, error)


def observe(route: Route, status: int, seconds: float) -> None:
    _observer(route.method, route.path, status).observe(seconds)


@cache
def _observer(method: str, path: str, status: int) -> Histogram:
    """Found once: the library's own way to it costs as much as the observation."""
    return metrics.requests.labels(method, path, status)


def plain_headers() -> list[tuple[bytes, bytes]]:
    """Of an answer that adds none of its own, but for its length."""
    return [_JSON, *_FIXED]


def headers_of(answer: Answered) -> list[tuple[bytes, bytes]]:
    length = (b"content-length", str(len(answer.body)).encode())
    if not answer.headers:
        return [*plain_headers(), length]
    named = {name for name, _ in answer.headers}
    headers = [*(header for header in _FIXED if header[0] not in named), *answer.headers]
    if answer.status != 304:
        headers.append(length)
        if b"content-type" not in named:
            headers.append(_JSON)
    return headers


async def _body(receive: Receive) -> bytes | None:
    """None where it is longer than the limit."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= BODY_BYTES_MAX else None
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_BYTES_MAX:
            return None
    return b"".join(parts)


def _speak(scope: Scope) -> None:
    """Words are only looked for where there are any to say."""
    language.begin(scope["headers"])
    asked = dict(scope["headers"]).get(b"x-correlation-id", b"").decode("latin-1")
    correlation.begin(asked if correlation.WRITTEN.fullmatch(asked) else None)


async def told(scope: Scope, error: Exception) -> Answered:
    _speak(scope)
    return _rendered(refused(error) if isinstance(error, Problem) else await unforeseen(StarletteRequest(scope), error))


def too_large(scope: Scope) -> Answered:
    _speak(scope)
    return _rendered(refused(BodyTooLarge(f"At most {BODY_BYTES_MAX // 1024} KiB are taken.")))


def _rendered(response: Any) -> Answered:
    names = (b"content-type", b"retry-after", b"www-authenticate", b"content-language", b"vary")
    headers = [(name, value) for name, value in response.raw_headers if name in names]
    headers.append((b"x-correlation-id", correlation.current().encode()))
    return Answered(bytes(response.body), response.status_code, headers)


def reader(shape: type[Any]) -> Callable[[bytes], Any]:
    """Reads a body into a struct; a problem names the field and what it takes. Never echoes the input."""
    decoder = msgspec.json.Decoder(shape)

    def read(body: bytes) -> Any:
        try:
            found = decoder.decode(body)
        except msgspec.ValidationError as error:
            raise _unreadable(error) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NotJson("Send a JSON document with Content-Type: application/json.") from None
        if _NUL in body and _has_nul(msgspec.json.decode(body)):
            raise Invalid(fields={"body": "a text holds a character that cannot be stored"})
        return found

    return read


def _has_nul(value: Any) -> bool:
    """No column takes this character. Only asked where the body seems to hold it, which a written backslash before it may deny."""
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


class BodyTooLarge(Problem):
    code: ClassVar[str] = "body_too_large"
    status: ClassVar[int] = 413
    title: ClassVar[str] = "The body is too large"


class NotJson(Problem):
    code: ClassVar[str] = "malformed_json"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The body is not JSON"


def _unreadable(error: msgspec.ValidationError) -> Invalid:
    """`Expected `str` of length >= 1 - at `$.license_key`` → the field, and what is expected of it."""
    text, _, place = str(error).partition(" - at `$")
    field = place.rstrip("`").lstrip(".").replace("[", ".").replace("]", "")
    if not field and "missing required field" in text:
        field, text = text.split("`")[1], "this field is needed"
    elif not field and "unknown field" in text:
        field, text = text.split("`")[1], "there is no such field"
    return Invalid("See `fields`: each names a field and what it takes.", fields={field or "body": text.replace("`", "")})
