"""Nothing is published into the void: every event is heard by a reaction or declared unheard; every job has a handler."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import get_args, get_type_hints

import nextbill.capabilities
from nextbill.capabilities import invoicing, subscriptions
from nextbill.kernel.events import Event
from nextbill.kernel.ids import new_id
from nextbill.runtime.events import wired_to
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


async def test_what_a_reaction_is_concerned_with_is_asked_of_its_own_event(shop) -> None:
    """`when` runs as the event is published: what it does not know would take the publisher's transaction down."""
    choosy = [reaction for reaction in shop.wired.reactions if reaction.when is not None]
    assert choosy
    for reaction in choosy:
        hint = get_type_hints(reaction.when)["event"]
        assert reaction.event in (get_args(hint) or (hint,)), reaction.name


async def test_a_paid_renewal_is_no_job_of_orders_and_changes(shop) -> None:
    def told(origin: str) -> set[str]:
        paid = invoicing.InvoicePaid(invoice_id=new_id(), proforma_id=None, customer_id=new_id(), origin_type=origin, origin_id=new_id())
        return set(wired_to(shop.wired.reactions)(paid))

    everybody = {reaction.name for reaction in shop.wired.reactions if reaction.event is invoicing.InvoicePaid}
    order, change = "purchase.order_paid", "changes.change_paid"
    assert {order, change} < everybody
    assert told(subscriptions.RUN) == everybody - {order, change}
    assert told(subscriptions.CHANGE) == everybody - {order}
    assert told("orders.order") == everybody - {change}


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
