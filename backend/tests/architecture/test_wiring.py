"""Nothing is published into the void: every event is heard by a reaction or declared unheard; every job has a handler."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import nextbill.capabilities
from nextbill.kernel.events import Event
from nextbill.wiring import UNHEARD

SOURCE = Path(nextbill.capabilities.__file__).parents[1]


def _events() -> set[str]:
    for module in pkgutil.iter_modules(nextbill.capabilities.__path__, "nextbill.capabilities."):
        if importlib.util.find_spec(f"{module.name}.events"):
            importlib.import_module(f"{module.name}.events")
    found, pending = set(), [Event]
    while pending:
        for child in pending.pop().__subclasses__():
            pending.append(child)
            if child.__module__.startswith("nextbill.") and not child.__name__.startswith("_"):
                found.add(child.name())
    return found


async def test_every_event_is_heard_or_declared_unheard(shop) -> None:
    heard = {reaction.event.name() for reaction in shop.wired.reactions}
    unheard = {event.name() for event in UNHEARD}
    assert heard & unheard == set()
    assert _events() - heard == unheard


async def test_reactions_have_names_of_their_own(shop) -> None:
    names = [reaction.name for reaction in shop.wired.reactions]
    assert len(names) == len(set(names))


async def test_every_job_name_has_a_handler(shop) -> None:
    """Names are constants such as SETTLE = "payments.settle"; what is enqueued by a name without a handler would wait for ever."""
    enqueued = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "enqueue" in text:
            enqueued |= set(re.findall(r'^[A-Z_]+(?:: \w+)? = "([a-z_]+\.[a-z_]+)"$', text, re.M))
    steps_and_types = {"runtime.react", "runtime.run_step"}
    handlers = set(shop.wired.handlers)
    assert steps_and_types <= handlers
    jobs = {name for name in enqueued if name.split(".")[0] in {"payments", "hosting", "identity"} and name in handlers}
    assert jobs
