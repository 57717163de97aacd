"""Idempotency-Key: the same key and body get the first answer, byte for byte. Keys are scoped to the caller, kept 24 hours.

The answer is stored after the command's own commit. A process that dies between the two leaves a lock that lapses soon, for only a
living one renews it; the command's natural key (an order's, an attempt's) then makes the second run find the first one's result.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.kernel.errors import Invalid, Problem
from nextbill.runtime.database import Role, Tx
from nextbill.runtime.models import IdempotencyRow
from nextbill.runtime.web.context import Context

HEADER = "Idempotency-Key"
MAX_KEY = 255
LOCK = timedelta(seconds=6)
RENEWED_EVERY = LOCK / 3
KEPT = timedelta(hours=24)
ANSWER_BYTES_MAX = 256 * 1024

Scope = Callable[[Request], Awaitable[str]]


class KeyReused(Problem):
    code: ClassVar[str] = "idempotency_key_reused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "This Idempotency-Key came with another request before"


class KeyInUse(Problem):
    code: ClassVar[str] = "idempotency_key_in_use"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "The first request with this Idempotency-Key is still under way"


@dataclass(frozen=True, slots=True)
class _Asked:
    scope: str
    key: str
    fingerprint: bytes


class IdempotentRoute(APIRoute):
    """`APIRouter(route_class=IdempotentRoute)`: POSTs with the header are answered once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method != "POST":
                return await handle(request)
            if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
                raise Invalid(fields={HEADER: "1 to 255 printable characters"})
            asked = await _ask(request, key)
            context: Context = request.app.state.context
            known = await _reserve(context, asked)
            if known is not None:
                return known
            return await _first(context, asked, handle, request)

        return answer


async def _ask(request: Request, key: str) -> _Asked:
    scope: Scope = request.app.state.idempotency_scope
    body = await request.body()
    fingerprint = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).digest()
    return _Asked(await scope(request), key, fingerprint)


async def _reserve(context: Context, asked: _Asked) -> Response | None:
    wall = func.clock_timestamp()
    async with context.database.writing(Role.WORK) as tx:
        mine = upsert(IdempotencyRow).values(
            scope=asked.scope, key=asked.key, fingerprint=asked.fingerprint, locked_until=wall + LOCK, created_at=wall
        )
        created = await tx.execute(mine.on_conflict_do_nothing(index_elements=["scope", "key"]).returning(IdempotencyRow.key))
        if created.first() is not None:
            return None
        return await _replay(tx, asked)


async def _replay(tx: Tx, asked: _Asked) -> Response | None:
    row = (
        await tx.execute(select(IdempotencyRow).where(IdempotencyRow.scope == asked.scope, IdempotencyRow.key == asked.key).with_for_update())
    ).scalar_one_or_none()
    if row is None:
        raise KeyInUse("Try again in a moment.", retry_after=1)
    if row.fingerprint != asked.fingerprint:
        raise KeyReused("Use a new key for another request; the first one's result stands.")
    if row.status is not None:
        return Response(row.answer or b"", row.status, {"Idempotent-Replayed": "true"}, media_type=row.media_type)
    free = (
        await tx.execute(
            select(IdempotencyRow.locked_until < func.clock_timestamp()).where(IdempotencyRow.scope == asked.scope, IdempotencyRow.key == asked.key)
        )
    ).scalar_one()
    if not free:
        raise KeyInUse("Try again in a moment.", retry_after=1)
    row.locked_until = (await tx.execute(select(func.clock_timestamp()))).scalar_one() + LOCK
    return None


async def _first(context: Context, asked: _Asked, handle: Callable[[Request], Coroutine[Any, Any, Response]], request: Request) -> Response:
    """Runs the request. A refusal or an error leaves nothing behind, so that the corrected request may use the key again."""
    kept = False
    renewing = asyncio.create_task(_renew(context, asked))
    try:
        response = await handle(request)
        if response.status_code < 400 and len(response.body) <= ANSWER_BYTES_MAX:
            await _store(context, asked, response)
            kept = True
        return response
    finally:
        renewing.cancel()
        if not kept:
            async with context.database.writing(Role.WORK) as tx:
                await tx.execute(
                    delete(IdempotencyRow).where(
                        IdempotencyRow.scope == asked.scope, IdempotencyRow.key == asked.key, IdempotencyRow.status.is_(None)
                    )
                )


async def _renew(context: Context, asked: _Asked) -> None:
    """Until cancelled. A request that waits for a vendor may take long; whoever died renews nothing."""
    while True:
        await asyncio.sleep(RENEWED_EVERY.total_seconds())
        async with context.database.writing(Role.WORK) as tx:
            await tx.execute(
                update(IdempotencyRow)
                .where(IdempotencyRow.scope == asked.scope, IdempotencyRow.key == asked.key, IdempotencyRow.status.is_(None))
                .values(locked_until=func.clock_timestamp() + LOCK)
            )


async def _store(context: Context, asked: _Asked, response: Response) -> None:
    async with context.database.writing(Role.WORK) as tx:
        await tx.execute(
            update(IdempotencyRow)
            .where(IdempotencyRow.scope == asked.scope, IdempotencyRow.key == asked.key)
            .values(
                status=response.status_code,
                media_type=response.media_type or response.headers.get("content-type"),
                answer=bytes(response.body),
                locked_until=None,
            )
        )


async def prune(tx: Tx) -> None:
    """Keys older than a day are forgotten (wall time: a technical promise to callers)."""
    await tx.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < func.clock_timestamp() - KEPT))
