"""Equal questions that are asked at once share an answer: for pages that everybody sees, so that a crowd costs hardly more than one visitor.

An answer is never older than its question: who asks while one is being read waits for the next, which all who came meanwhile share. Nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Sharing:
    """Of one process and its event loop. What a question reads may depend on its key alone, never on who asks."""

    def __init__(self) -> None:
        self._turns: dict[Hashable, _Turns[Any]] = {}

    async def ask(self, key: Hashable, read: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `read()` gives, or its error; begun after this call, by whoever asked first. One that goes away ends nothing for the others."""
        turns: _Turns[Answer] = self._turns.setdefault(key, _Turns())
        turns.asking += 1
        try:
            return await asyncio.shield(turns.joined(read))
        finally:
            turns.asking -= 1
            if not turns.asking:
                self._turns.pop(key, None)


class _Turns(Generic[Answer]):
    """Readings of one key, one after another."""

    def __init__(self) -> None:
        self.asking = 0
        self._reading = asyncio.Lock()
        self._next: asyncio.Task[Answer] | None = None

    def joined(self, read: Callable[[], Awaitable[Answer]]) -> asyncio.Task[Answer]:
        if self._next is None:
            self._next = asyncio.create_task(self._turn(read))
            self._next.add_done_callback(_seen)
        return self._next

    async def _turn(self, read: Callable[[], Awaitable[Answer]]) -> Answer:
        async with self._reading:
            self._next = None  # from here on it would be older than the question
            return await read()


def _seen(turn: asyncio.Task[Any]) -> None:
    """All who asked may have gone: then nobody is told of its error, and that is no fault."""
    if not turn.cancelled():
        turn.exception()
