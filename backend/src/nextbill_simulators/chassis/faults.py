"""Misbehaviour on demand, around the wire routes only. `lost_after` is the one that matters: the deed is done, the answer is lost."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Effect = Literal["lost_before", "lost_after", "error_before", "error_after", "throttled", "slow", "html", "hang"]
EFFECTS: tuple[str, ...] = get_args(Effect)


@dataclass
class Rule:
    """`times` uses (-1: for ever) on requests whose `METHOD /path` matches the pattern, each with the probability given."""

    effect: Effect
    pattern: str = ".*"
    times: int = 1
    probability: float = 1.0
    seconds: float = 2.0
    status: int = 500
    body: str | None = None
    used: int = 0

    def matches(self, target: str) -> bool:
        return (self.times < 0 or self.used < self.times) and re.search(self.pattern, target) is not None


@dataclass
class Faults:
    """The plan in force and the seeded dice. A vendor may look at it for faults of its own (stored 500s, webhooks)."""

    seed: int = 0
    rules: list[Rule] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def reseed(self, seed: int) -> None:
        self.seed = seed
        self._random = random.Random(seed)

    def add(self, rule: Rule) -> None:
        self.rules.append(rule)

    def clear(self) -> None:
        self.rules.clear()

    def draw(self, target: str) -> Rule | None:
        """The first rule that strikes this request, its use counted."""
        for rule in self.rules:
            if rule.matches(target) and self._random.random() < rule.probability:
                rule.used += 1
                return rule
        return None

    def describe(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules]


class FaultyWire:
    """ASGI middleware that strikes by the plan. Control routes (/_sim/…) and browser pages are never struck."""

    def __init__(self, app: ASGIApp, faults: Faults, spared: tuple[str, ...] = ("/_sim",)) -> None:
        self._app, self._faults, self._spared = app, faults, spared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._spared):
            await self._app(scope, receive, send)
            return
        rule = self._faults.draw(f"{scope['method']} {scope['path']}")
        if rule is None:
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["fault"] = rule.effect
        await self._strike(rule, scope, receive, send)

    async def _strike(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.effect == "slow":
            await asyncio.sleep(rule.seconds)
            await self._app(scope, receive, send)
            return
        if rule.effect in ("lost_after", "error_after"):
            await self._app(scope, receive, _swallow)
        if rule.effect == "hang":
            await asyncio.sleep(rule.seconds)
        if rule.effect in ("lost_before", "lost_after", "hang"):
            await _break_off(send)
        elif rule.effect == "throttled":
            await _answer(send, 429, "application/json", rule.body or '{"detail": "Too many requests"}')
        elif rule.effect == "html":
            await _answer(send, 502, "text/html", rule.body or "<html><body><h1>502 Bad Gateway</h1></body></html>")
        else:
            await _answer(send, rule.status, "application/json", rule.body or '{"detail": "Internal Server Error"}')


async def _swallow(_message: Message) -> None:
    return


async def _break_off(send: Send) -> None:
    """A status line that promises a body which never comes: the server closes the connection, the caller knows nothing."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100000"), (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _answer(send: Send, status: int, media: str, body: str) -> None:
    headers = [(b"content-type", media.encode()), (b"content-length", str(len(body.encode())).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
