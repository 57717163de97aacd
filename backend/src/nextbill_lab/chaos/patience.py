"""Asking again, as clients do when a server is gone for a moment: same request, same Idempotency-Key, with pauses."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from nextbill_lab.trouble import Missing, Refused

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
IN_USE = "idempotency_key_in_use"


@dataclass
class Patience:
    """Shared by all who ask. `deadline` (monotonic) is set once the dust settles; `met`: what was answered instead, by kind."""

    deadline: float = float("inf")
    met: Counter[str] = field(default_factory=Counter)

    async def ask(self, what: str, deed: Callable[[], Awaitable[T]], *, log_in: Callable[[], Awaitable[None]] | None = None) -> T:
        """What `deed` returns once it gets through.

        Raises:
            Refused: an answer that asking again would not change.
            Missing: the deadline has passed.
        """
        pause = FIRST_PAUSE
        while True:
            try:
                return await deed()
            except Refused as no:
                self._note(f"{no.status} {no.code}".strip())
                if not passing(no) and not (no.status == httpx.codes.UNAUTHORIZED and log_in is not None):
                    raise
                last = str(no)
                if no.status == httpx.codes.UNAUTHORIZED and log_in is not None:
                    await self.ask("log in", log_in)
                    continue
            except httpx.HTTPError as error:
                self._note("no answer")
                last = f"{type(error).__name__}: {error}"
            if time.monotonic() > self.deadline:
                raise Missing(f"{what}: no success until the end; last: {last}", where="the API's log")
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.6)

    def _note(self, kind: str) -> None:
        self.met[kind] += 1


def passing(no: Refused) -> bool:
    """Whether the same request may well succeed later."""
    return no.status >= httpx.codes.INTERNAL_SERVER_ERROR or no.status == httpx.codes.TOO_MANY_REQUESTS or no.code == IN_USE
