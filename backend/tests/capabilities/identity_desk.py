"""A front desk: the routes of identity and customers over real HTTP and a real database, with a clock that stands until it is moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import text
from starlette.middleware import Middleware

from nextbill.capabilities import identity
from nextbill.capabilities.customers.http import router as customers_router
from nextbill.capabilities.identity.http import authenticator, idempotency_scope
from nextbill.capabilities.identity.http import router as identity_router
from nextbill.capabilities.identity.jobs import handlers
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Database, Role, role_urls
from nextbill.runtime.settings import Settings
from nextbill.runtime.steps import StepRunner
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller
from nextbill.runtime.web.context import Context
from nextbill.runtime.web.frame import Frame
from nextbill.runtime.web.idempotency import IdempotentRoute
from nextbill.runtime.worker import Worker
from nextbill_simulators.chassis.serving import serve
from tests.support.databases import SECRET_KEY

PASSWORD = "correct horse battery"
START = datetime(2030, 3, 1, 12, tzinfo=UTC)

till = APIRouter(prefix="/till", route_class=IdempotentRoute)


@till.post("/count")
async def count_coins(caller: AnyCaller) -> JSONResponse:
    """Stands for any route that accepts an Idempotency-Key."""
    return JSONResponse({"login": str(caller.login_id)})


class StandingClock:
    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class Desk:
    settings: Settings
    database: Database
    clock: StandingClock
    cipher: FieldCipher
    client: httpx.AsyncClient

    async def post(self, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> httpx.Response:
        return await self.send("POST", path, body, token=token, **headers)

    async def send(self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> httpx.Response:
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            shown["Authorization"] = f"Bearer {token}"
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=shown)

    async def register(self, email: str = "ada@example.com", **more: Any) -> httpx.Response:
        return await self.post("/auth/register", {"email": email, "password": PASSWORD, "name": "Ada Lovelace", **more})

    async def log_in(self, email: str = "ada@example.com", password: str = PASSWORD) -> dict[str, Any]:
        answer = await self.post("/auth/login", {"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def customer(self, email: str = "ada@example.com", **more: Any) -> str:
        """A new customer's access token."""
        assert (await self.register(email, **more)).status_code == 202
        return str((await self.log_in(email))["access_token"])

    async def staff(self, role: identity.RoleName = "admin", email: str = "boss@example.com") -> str:
        """A colleague's access token."""
        password_hash = await identity.hash_password(PASSWORD)
        async with self.database.writing(Role.WORK) as tx:
            await identity.create_admin(tx, email=email, password_hash=password_hash, role=role, now=self.clock.now())
        return str((await self.log_in(email))["access_token"])

    async def token_by_mail(self, purpose: Any, email: str = "ada@example.com") -> str:
        """What the reaction that writes the mail does."""
        async with self.database.writing(Role.WORK) as tx:
            login = await identity.find_login(tx, email)
            assert login is not None
            return await identity.issue_token(tx, login_id=login.id, purpose=purpose, now=self.clock.now())

    async def facts(self) -> list[str]:
        """Names of all events, in order."""
        return [row.name for row in await self.rows("select name from runtime_event order by seq")]

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.database.reading(Role.WORK) as tx:
            return list((await tx.execute(text(statement), values)).all())

    async def run_jobs(self) -> int:
        worker = Worker(self.database, self.clock, handlers(self.database), [], heartbeat=timedelta(seconds=30))
        return await worker.drain(patience=timedelta(seconds=2))

    async def login_id(self, email: str) -> UUID:
        async with self.database.reading(Role.WORK) as tx:
            login = await identity.find_login(tx, email)
        assert login is not None
        return login.id


@asynccontextmanager
async def open_desk(dsn: str, **overrides: Any) -> AsyncIterator[Desk]:
    settings = Settings(**{"database_url": dsn, "secret_key": SECRET_KEY, **overrides}, _env_file=None)
    clock, database = StandingClock(), Database(role_urls(settings), pool_size=5)
    cipher = FieldCipher.from_setting(None, SECRET_KEY)
    app = FastAPI(middleware=[Middleware(Frame)])
    app.state.context = Context(settings, database, clock, cipher, StepRunner(database, clock, [], lease=timedelta(seconds=30)))
    app.state.authenticate = authenticator(settings, database, clock)
    app.state.idempotency_scope = idempotency_scope(settings)
    problem.install(app)
    for router in (identity_router, customers_router, till):
        app.include_router(router, prefix="/api/v1")
    try:
        async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
            yield Desk(settings, database, clock, cipher, client)
    finally:
        await database.close()


def code(answer: httpx.Response) -> str:
    return str(answer.json().get("code"))
