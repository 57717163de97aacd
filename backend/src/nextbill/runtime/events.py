"""Publishing: the event's row and one job for each wired reaction that it concerns, in the caller's transaction. There is no relay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.kernel.clock import Clock
from nextbill.kernel.events import Event
from nextbill.kernel.ids import new_id
from nextbill.runtime import correlation, jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.models import EventRow, ReactionRow

REACT = "runtime.react"

ReactionFunction = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reaction:
    """`run(tx, event, *, now)` answers one kind of event, once for each, in a transaction of its own. `when(event)`: whether it concerns the reaction, by what
    the event says of itself; there is no job where it does not. `retired`: no event asks for it any more; jobs that an earlier release has left behind are
    done still."""

    name: str
    event: type[Event]
    run: ReactionFunction
    when: Callable[[Any], bool] | None = None
    retired: bool = False

    def concerns(self, event: Event) -> bool:
        return self.when is None or self.when(event)


async def publish(tx: Tx, event: Event, *, now: datetime) -> UUID:
    event_id = new_id()
    payload = event.to_payload()
    customer = payload.get("customer_id")
    await tx.execute(
        insert(EventRow).values(
            id=event_id,
            name=event.name(),
            payload=payload,
            customer_id=UUID(customer) if customer else None,
            correlation=correlation.current(),
            occurred_at=now,
        )
    )
    await jobs.enqueue_many(
        tx, [(REACT, {"event_id": str(event_id), "event": event.name(), "reaction": name, "payload": payload}) for name in tx.reactions_to(event)]
    )
    return event_id


def wired_to(reactions: Sequence[Reaction]) -> Callable[[Event], list[str]]:
    """What `publish` needs to know of the wiring: the reactions that an event concerns, by name."""
    found: dict[str, list[Reaction]] = {}
    for reaction in reactions:
        if not reaction.retired:
            found.setdefault(reaction.event.name(), []).append(reaction)
    return lambda event: [reaction.name for reaction in found.get(event.name(), ()) if reaction.concerns(event)]


class Reactor:
    """The job that runs a reaction exactly once: its row is written in the reaction's own transaction."""

    def __init__(self, database: Database, clock: Clock, reactions: Sequence[Reaction]) -> None:
        self._database, self._clock = database, clock
        self._by_name: Mapping[str, Reaction] = {reaction.name: reaction for reaction in reactions}

    async def __call__(self, payload: jobs.Payload, _context: jobs.JobContext) -> None:
        reaction = self._by_name[payload["reaction"]]
        event = reaction.event.from_payload(payload["payload"])
        if not reaction.concerns(event):  # an earlier release asked, whatever the event was
            return
        now = self._clock.now()
        async with self._database.writing(Role.WORK) as tx:
            first = await tx.execute(
                upsert(ReactionRow)
                .values(event_id=UUID(payload["event_id"]), reaction=reaction.name, done_at=now)
                .on_conflict_do_nothing()
                .returning(ReactionRow.reaction)
            )
            if first.first() is not None:
                await reaction.run(tx, event, now=now)
