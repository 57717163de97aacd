"""The one sandbox account: its objects, its time, and what it still has to do later."""

from __future__ import annotations

import asyncio
import secrets
import string
from collections.abc import Callable, Mapping
from datetime import datetime

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.stripe.errors import no_such

API_VERSION = "2026-10-28.endive"
NOUNS = {"balance_transaction": "balance transaction", "checkout.session": "checkout.session"}
PREFIXES = {
    "cus_": "customer",
    "ch_": "charge",
    "pi_": "payment_intent",
    "pm_": "payment_method",
    "seti_": "setup_intent",
    "txn_": "balance_transaction",
    "re_": "refund",
    "du_": "dispute",
    "cs_": "checkout.session",
    "evt_": "event",
    "we_": "webhook_endpoint",
}
_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"


class Sandbox:
    """Objects are stored exactly as they go over the wire, by their `object` name; what Stripe keeps to itself lies in `<object>.private`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = world.store
        self.cause: Document | None = None
        self.outbox_changed = asyncio.Event()
        self._next_due: float | None = 0.0

    def option(self, name: str, default: str = "") -> str:
        return self.world.options.get(name, default)

    @property
    def base_url(self) -> str:
        """Where a payer's browser reaches the pages."""
        return self.option("public_url", self.world.base_url).rstrip("/")

    def now(self) -> int:
        return self.world.clock.timestamp()

    def moment(self) -> datetime:
        return self.world.clock.now()

    def save(self, thing: Document) -> Document:
        return self.store.put(thing["object"], thing["id"], thing)

    def load(self, kind: str, key: str, *, param: str = "id") -> Document:
        found = self.store.get(kind, key)
        if found is None:
            raise no_such(NOUNS.get(kind, kind), key, param=param)
        return found

    def private(self, kind: str, key: str) -> Document:
        return self.store.get(f"{kind}.private", key) or {}

    def keep_private(self, kind: str, key: str, **facts: object) -> None:
        self.store.put(f"{kind}.private", key, {**self.private(kind, key), "id": key, **facts})

    def later(self, seconds: float, action: str, target: str) -> None:
        """Have `action` done to `target` once the shared clock has moved on."""
        self.at(self.moment().timestamp() + seconds, action, target)

    def at(self, when: float, action: str, target: str) -> None:
        key = new_id("due")
        self.store.put("due", key, {"id": key, "at": when, "action": action, "target": target})
        self._next_due = when if self._next_due is None else min(self._next_due, when)

    def catch_up(self, actions: Mapping[str, Callable[[Sandbox, str], None]]) -> None:
        """Do what has fallen due, oldest first; what that schedules may fall due at once too."""
        while self._next_due is not None and self._next_due <= self.moment().timestamp():
            waiting = sorted(self.store.find("due"), key=lambda item: item["at"])
            now = self.moment().timestamp()
            ready = [item for item in waiting if item["at"] <= now]
            self._next_due = next((item["at"] for item in waiting if item["at"] > now), None)
            for item in ready:
                with self.store.transaction():
                    self.store.delete("due", item["id"])
                    actions[item["action"]](self, item["target"])
