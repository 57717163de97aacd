"""What callers meet when a process or the database has just died, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import create_async_engine

from nextbill.runtime.database import Role
from nextbill.runtime.models import IdempotencyRow
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Context
from nextbill.runtime.web.idempotency import LOCK, IdempotentRoute
from tests.support.buyer import cart, register
from tests.support.ports import free_port
from tests.support.shop import Shop

KEY = {"Idempotency-Key": "the-same"}


@asynccontextmanager
async def served(router: APIRouter, context: Context | None = None) -> AsyncIterator[httpx.AsyncClient]:
    async def scope(_request: Request) -> str:
        return "caller"

    app = FastAPI()
    problem.install(app)
    app.include_router(router)
    app.state.context, app.state.idempotency_scope = context, scope
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
        yield client


async def test_a_key_whose_process_died_is_free_again_within_seconds(shop: Shop) -> None:
    buyer = await register(shop)
    first = await buyer.post("/api/v1/orders", json=cart("once.com"), headers=KEY)
    async with shop.database.writing(Role.WORK) as tx:
        # Killed between its commit and the storing of its answer: the lock is as fresh as it can be.
        fresh = {"status": None, "answer": None, "locked_until": func.clock_timestamp() + LOCK}
        await tx.execute(update(IdempotencyRow).values(**fresh))

    at_once = await buyer.post("/api/v1/orders", json=cart("once.com"), headers=KEY)
    assert (at_once.status_code, at_once.json()["code"]) == (409, "idempotency_key_in_use")
    assert LOCK.total_seconds() <= 10
    await asyncio.sleep(LOCK.total_seconds())
    later = await buyer.post("/api/v1/orders", json=cart("once.com"), headers=KEY)

    assert later.json()["id"] == first.json()["id"]


async def test_a_slow_request_keeps_its_key_for_as_long_as_it_lives(shop: Shop) -> None:
    router = APIRouter(route_class=IdempotentRoute)
    runs: list[int] = []

    @router.post("/slow")
    async def slow() -> int:
        runs.append(1)
        await asyncio.sleep(LOCK.total_seconds() + 1.5)
        return len(runs)

    async with served(router, shop.wired.context) as client:
        first = asyncio.create_task(client.post("/slow", headers=KEY))
        await asyncio.sleep(LOCK.total_seconds() + 0.5)
        meanwhile = await client.post("/slow", headers=KEY)
        assert (await first).json() == 1
        replayed = await client.post("/slow", headers=KEY)

    assert meanwhile.status_code == 409
    assert (replayed.json(), len(runs)) == (1, 1)


async def test_a_database_that_is_away_is_a_reason_to_try_again() -> None:
    router = APIRouter()
    engine = create_async_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing")

    @router.get("/rows")
    async def rows() -> None:
        async with engine.connect():
            raise AssertionError("nobody listens there")

    async with served(router) as client:
        answer = await client.get("/rows")
    await engine.dispose()

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
