"""The API's process: the app, its frame, health, docs that need no foreign host."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from sqlalchemy import text
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from nextbill.entrypoints.seeding import refuse_demo_data
from nextbill.runtime import crash, logging, schema
from nextbill.runtime.clock import make_clock
from nextbill.runtime.database import Role
from nextbill.runtime.process import run_http
from nextbill.runtime.settings import Settings
from nextbill.runtime.web import problem
from nextbill.runtime.web.contract import describe
from nextbill.runtime.web.frame import Frame
from nextbill.runtime.web.limits import RateLimit
from nextbill.runtime.web.table import Table
from nextbill.wiring import Wired, wire

PREFIX = "/api/v1"
WITH_SLASH = frozenset(f"{PREFIX}/{name}" for name in ("domains", "invoices", "notifications", "payments", "subscriptions"))
"""Lists whose documented path ends with a slash."""
DESCRIPTION = """The front office of a hosting company: plans, domains, orders, payments, invoices, licenses.

Money is integer minor units with its currency. Times are RFC 3339 UTC. Errors are RFC 9457 problems with a stable `code`; their words follow
`Accept-Language` (en, de).
Programs send `Authorization: Bearer …`; browsers on the portal's own origin send the cookie of `POST /auth/session` instead, and what changes
something is then taken from our own pages only (403 `cross_site_request`).
`Idempotency-Key` is accepted on every POST that creates or charges. Lists are keyset pages (`limit`, `cursor` → `next_cursor`)."""


def create_asgi(wired: Wired) -> Table:
    """What is served: the license path's table, and the app behind it."""
    return Table(wired.panel_routes, create_app(wired), clock=wired.context.clock)


def create_app(wired: Wired) -> FastAPI:
    app = FastAPIOffline(
        title="NextPanel Billing",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=_lifespan,
        middleware=_middleware(wired.settings),
        redirect_slashes=False,
        generate_unique_id_function=_operation_name,
    )
    app.state.wired = wired
    app.state.context = wired.context
    app.state.authenticate = wired.authenticate
    app.state.idempotency_scope = wired.idempotency_scope
    problem.install(app)
    app.add_middleware(EitherSlash)
    for router in wired.routers:
        app.include_router(router, prefix=PREFIX, responses=problem.ANY)
    for router in wired.pages:
        app.include_router(router, include_in_schema=False)
    app.include_router(_health(wired))
    describe(app, *wired.described)
    return app


def _middleware(settings: Settings) -> list[Middleware]:
    stack = [
        Middleware(Frame),
        Middleware(RateLimit, per_minute=settings.rate_limit_per_minute, redis_url=settings.redis_url, exempt=("/health",)),
    ]
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if origins:
        stack.append(
            Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["authorization", "content-type", "idempotency-key"])
        )
    return stack


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    await refuse_demo_data(app.state.wired)
    yield
    await app.state.wired.close()


def _operation_name(route: APIRoute) -> str:
    return route.name


class EitherSlash:
    """A path answers with and without its last slash, and never by a redirect (which would lose a POST's body)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            bare = scope["path"].rstrip("/")
            path = f"{bare}/" if bare in WITH_SLASH else bare
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


def _health(wired: Wired) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/health", summary="Liveness: the process answers")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get(
        "/health/ready",
        summary="Readiness: database, queue and schema",
        responses={503: {"description": "Not ready: `checks` tells what is missing"}},
    )
    async def ready() -> JSONResponse:
        checks = await readiness(wired)
        fine = all(value == "ok" for value in checks.values())
        return JSONResponse({"status": "ready" if fine else "not_ready", "checks": checks}, 200 if fine else 503)

    return router


def openapi_document() -> str:
    """The API's description as committed. It needs no running system: nothing is connected, and these credentials open nothing."""
    nobody = "only-for-the-description"
    unused = {
        "database_url": "postgresql://nobody@localhost/nothing",
        "secret_key": nobody * 2,
        "stripe_secret_key": f"sk_test_{nobody}",
        "smtp_host": "localhost",
    }
    vendors = {
        "stripe_webhook_secret": nobody,
        "resellerclub_user_id": nobody,
        "vies_api_url": "http://localhost",
        "resellerclub_api_key": nobody,
        "resellerclub_api_url": "http://localhost",
    }
    settings = Settings.model_validate({**unused, **vendors, "nextbill_mode": "sandbox"})
    app = create_app(wire(settings, make_clock(settings)))
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


async def readiness(wired: Wired) -> dict[str, str]:
    """Each part that a request needs: `ok`, or what is wrong with it."""
    checks = {"database": "unreachable", "queue": "unknown", "migrations": "unknown"}
    try:
        async with asyncio.timeout(5), wired.database.reading(Role.WORK) as tx:
            checks["database"] = "ok"
            await tx.execute(text("select 1 from pgqueuer.pgqueuer limit 1"))
            checks["queue"] = "ok"
            found = (await tx.execute(text(schema.FIND_REVISION))).scalar_one_or_none()
            checks["migrations"] = "ok" if found == schema.newest_revision() else "behind"
    except Exception as error:  # whatever it is, the answer is: not ready, and the kind of error
        checks["problem"] = type(error).__name__
    return checks


def serve() -> None:
    """Runs until SIGTERM; requests under way are finished."""
    settings = Settings()
    logging.configure(settings.log_format)
    crash.arm(settings.nextbill_crash_at)
    run_http(create_asgi(wire(settings, make_clock(settings))), settings)
