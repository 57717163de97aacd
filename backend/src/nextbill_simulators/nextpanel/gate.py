"""Who may call the panel, how often, and whether it is up at all."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from nextbill_simulators.chassis import World
from nextbill_simulators.nextpanel.shapes import Unprocessable

DOWN_PAGE = "<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
DEFAULT_SUPPORT = "find,page,patch,password"

Handler = Callable[[Request], Awaitable[Response]]


class Gate:
    """Settings: `api_key`, `api_secret`, `hourly_limit`, `allowed_addresses` (comma list), `supports` (comma list), `provisioning`."""

    def __init__(self, world: World) -> None:
        self._world = world
        options = world.options
        instance = world.name.partition(":")[2] or "main"
        self._key = options.get("api_key", f"npk_sandbox_{instance}")
        self._secret = options.get("api_secret", f"nps_sandbox_{instance}")
        self._hourly_limit = int(options.get("hourly_limit", "0"))
        self._addresses = _listed(options.get("allowed_addresses", ""))
        self._supports = _listed(options.get("supports", DEFAULT_SUPPORT))
        self.provisioning = options.get("provisioning", "both")
        if self.provisioning not in ("accounts", "license", "both"):
            raise ValueError(f"provisioning must be accounts, license or both, not {self.provisioning}")

    def supports(self, call: str) -> bool:
        return call in self._supports

    def set_down(self, *, down: bool) -> None:
        self._world.store.put("switch", "down", {"down": down})

    def is_down(self) -> bool:
        found = self._world.store.get("switch", "down")
        return found is not None and bool(found["down"])

    def open(self, handler: Handler) -> Handler:
        """Answers 503 in HTML while the panel is down."""

        async def opened(request: Request) -> Response:
            return HTMLResponse(DOWN_PAGE, 503) if self.is_down() else await handler(request)

        return opened

    def keyed(self, handler: Handler) -> Handler:
        """Up, the right key from the right address, within the hour's calls."""

        async def checked(request: Request) -> Response:
            self._check_key(request)
            self._check_address(request)
            self._count_call()
            return await handler(request)

        return self.open(checked)

    def _check_key(self, request: Request) -> None:
        key, secret = request.headers.get("x-api-key", ""), request.headers.get("x-api-secret", "")
        known = hmac.compare_digest(key.encode(), self._key.encode())
        if not (known and hmac.compare_digest(secret.encode(), self._secret.encode())):
            raise HTTPException(401, "Invalid API credentials")

    def _check_address(self, request: Request) -> None:
        caller = request.client.host if request.client else ""
        if self._addresses and caller not in self._addresses:
            raise HTTPException(403, "IP address not allowed")

    def _count_call(self) -> None:
        if not self._hourly_limit:
            return
        now = self._world.clock.now()
        window = self._world.store.get("window", "hour")
        started = datetime.fromisoformat(window["started"]) if window else now
        used = window["used"] if window else 0
        if now - started >= timedelta(hours=1):
            started, used = now, 0
        if used >= self._hourly_limit:
            left = int((started + timedelta(hours=1) - now).total_seconds()) + 1
            raise HTTPException(429, "Rate limit exceeded", {"Retry-After": str(left)})
        self._world.store.put("window", "hour", {"started": started.isoformat(), "used": used + 1})


def _listed(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


async def say_detail(_request: Request, error: Exception) -> Response:
    """FastAPI's shape of every HTTP error, also for unknown paths and methods."""
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


async def say_fields(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Unprocessable):
        raise error
    return JSONResponse({"detail": error.errors}, 422)
