"""Argon2id in a pool of bounded size, so that a flood of logins costs neither all cores nor all memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nextbill.capabilities.identity.errors import TooBusy, WeakPassword
from nextbill.capabilities.identity.rules import PasswordHash, normal_password, password_problem

Result = TypeVar("Result")

# OWASP's second choice: 19 MiB, two passes, one lane; about 25 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_THREADS = max(2, min(4, os.cpu_count() or 2))
_WAITING_MAX = 200
_pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")


def check_password(password: str, *, email: str = "", field: str = "password") -> None:
    """WeakPassword, before anything is counted or hashed. `field`: what the caller's form calls it."""
    problem = password_problem(password, email)
    if problem:
        raise WeakPassword(fields={field: problem})


async def hash_password(password: str, *, email: str = "") -> PasswordHash:
    """Outside a transaction. WeakPassword says what to do."""
    check_password(password, email=email)
    return PasswordHash(await _in_pool(lambda: _HASHER.hash(normal_password(password))))


async def verify_password(password: str, stored: PasswordHash | None) -> bool:
    """Takes the same time where there is no such login (`stored` is None)."""
    return await _in_pool(lambda: _matches(stored or _nobodys_hash(), password) and stored is not None)


def is_outdated(stored: PasswordHash) -> bool:
    """Made with other parameters than today's; the next log-in makes it anew."""
    return _HASHER.check_needs_rehash(stored)


async def unusable_hash() -> PasswordHash:
    """For a login whose owner chooses the password by mail: nobody knows what it was made of."""
    return PasswordHash(await _in_pool(lambda: _HASHER.hash(os.urandom(32))))


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, normal_password(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(os.urandom(32))


async def _in_pool(work: Callable[[], Result]) -> Result:
    """A queue that is full is told at once: waiting longer than a client does helps nobody."""
    if _pool._work_queue.qsize() >= _WAITING_MAX:  # noqa: SLF001 - the pool's own queue is the only place that knows how many wait
        raise TooBusy("Try again in a few seconds.", retry_after=3)
    return await asyncio.get_running_loop().run_in_executor(_pool, work)
