"""Rate limits by caller or address: memory for one machine, Redis for many. They protect; nothing that must be right rests on them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nextbill.runtime.web.problem import render


class RateLimit:
    """ASGI: at most `per_minute` requests of one address, but for the paths in `exempt` (the hot path has its own)."""

    def __init__(self, app: ASGIApp, *, per_minute: int, redis_url: str | None, exempt: Sequence[str] = ()) -> None:
        self._app, self._exempt = app, tuple(exempt)
        storage = RedisStorage(f"async+{redis_url}", implementation="redispy") if redis_url else MemoryStorage()
        self._limiter = MovingWindowRateLimiter(storage)
        self._item = RateLimitItemPerMinute(per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._exempt):
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("unknown", 0))[0]
        allowed = await self._limiter.hit(self._item, address)
        window = await self._limiter.get_window_stats(self._item, address)
        seconds = max(1, int(window.reset_time - time.time()))
        shown = f'"default";r={window.remaining};t={seconds}'.encode()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"ratelimit", shown)]
            await send(message)

        if allowed:
            await self._app(scope, receive, sending)
            return
        refusal = render(429, "rate_limited", "Too many requests", f"Try again in {seconds} seconds.", headers={"Retry-After": str(seconds)})
        await refusal(scope, receive, sending)
