"""A daily look at rows by their day, threshold after threshold, a chunk at a time, each chunk with the next one's job."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from nextbill.runtime.jobs import Payload

Spot = tuple[date, UUID]
"""Of a row: its day and its id, in whose order a stage is looked through."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a look has come: the stage, and the last row that was looked at in it."""

    stage: int = 0
    after: Spot | None = None

    @classmethod
    def of(cls, payload: Payload) -> Place:
        return cls(payload["stage"], (date.fromisoformat(payload["day"]), UUID(payload["id"])) if payload.get("id") else None)

    def payload(self) -> Payload:
        at = {"day": self.after[0].isoformat(), "id": str(self.after[1])} if self.after else {}
        return {"stage": self.stage, **at}


async def look_through(place: Place, *, stages: int, look_at: Callable[[Place], Awaitable[Sequence[Spot]]], limit: int) -> Place | None:
    """From `place` to the end of a chunk; where the next one begins, None at the end. Stages with nobody in them are passed.

    `look_at` does what is to be done for at most `limit` rows of a stage, and tells their spots."""
    for stage in range(place.stage, stages):
        seen = await look_at(Place(stage, place.after if stage == place.stage else None))
        if len(seen) == limit:
            return Place(stage, seen[-1])
        if seen and stage + 1 < stages:
            return Place(stage + 1)
    return None
