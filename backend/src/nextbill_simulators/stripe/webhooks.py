"""Delivery of events: signed, at least once, retried with back-off, surviving a restart; and misbehaving by plan."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import re
import time
from typing import Any

import httpx

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import endpoints
from nextbill_simulators.stripe.sandbox import Sandbox, new_id

ATTEMPTS = 14
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 20.0
DELIVERIES_KEPT = 20_000
IN_FLIGHT, BATCH = 8, 64
NO_PLAN: Document = {"hold": False, "shuffle": False, "delay_seconds": 0.0, "duplicate": 0, "drop": 0, "bad_signature": 0, "types": ".*"}


def plan(sandbox: Sandbox) -> Document:
    """`duplicate`, `drop`, `bad_signature` count the coming events they strike (-1: for ever); `types` is a pattern for the event type."""
    return {**NO_PLAN, **(sandbox.store.get("webhook_plan", "plan") or {})}


def set_plan(sandbox: Sandbox, **changes: Any) -> Document:
    sandbox.outbox_changed.set()
    return sandbox.store.put("webhook_plan", "plan", {**plan(sandbox), **changes})


def enqueue(sandbox: Sandbox, event: Document, endpoint: Document, *, planned: bool = True) -> None:
    if planned and _strikes(sandbox, "drop", event["type"]):
        _note(sandbox, {"event": event["id"], "type": event["type"], "endpoint": endpoint["id"], "attempt": 0}, status=None, outcome="dropped")
        return
    copies = 2 if planned and _strikes(sandbox, "duplicate", event["type"]) else 1
    for _ in range(copies):
        _queue(sandbox, event, endpoint)
    sandbox.outbox_changed.set()


def _queue(sandbox: Sandbox, event: Document, endpoint: Document) -> None:
    settings, not_before = plan(sandbox), time.time()
    if re.search(settings["types"], event["type"]):
        longest = settings["delay_seconds"]
        not_before += random.uniform(0, longest or 1.0) if settings["shuffle"] else longest
    key = new_id("out")
    sandbox.store.put(
        "outbox", key, {"id": key, "event": event["id"], "type": event["type"], "endpoint": endpoint["id"], "attempt": 0, "not_before": not_before}
    )


def _strikes(sandbox: Sandbox, mishap: str, kind: str) -> bool:
    settings = plan(sandbox)
    left = settings[mishap]
    if left == 0 or not re.search(settings["types"], kind):
        return False
    if left > 0:
        sandbox.store.put("webhook_plan", "plan", {**settings, mishap: left - 1})
    return True


def undelivered(sandbox: Sandbox) -> set[str]:
    """Events still queued, dropped, or given up."""
    given_up = [entry["event"] for outcome in ("dropped", "given up") for entry in sandbox.store.find("delivery", outcome=outcome)]
    return {item["event"] for item in sandbox.store.find("outbox")} | set(given_up)


def signature(payload: bytes, secret: str, moment: int) -> str:
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Courier:
    """Empties the outbox in the background. Back-off runs on wall time: a leap of the shared clock must not burn the attempts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._batch: list[Document] = []

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            try:
                while True:
                    self._dispatch(client)
                    await self._pause()
            finally:
                for task in self._flying.values():
                    task.cancel()
                await asyncio.gather(*self._flying.values(), return_exceptions=True)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._sandbox.outbox_changed.wait(), 0.1)
        except TimeoutError:
            return
        self._sandbox.outbox_changed.clear()

    def _dispatch(self, client: httpx.AsyncClient) -> None:
        if not self._batch:
            self._batch = self._due()
        while self._batch and len(self._flying) < IN_FLIGHT:
            item = self._batch.pop()
            self._flying[item["id"]] = asyncio.create_task(self._fly(client, item))

    def _due(self) -> list[Document]:
        """The next few, the latest first; read seldom, for a long outbox is dear to read."""
        settings, now = plan(self._sandbox), time.time()
        ready = [item for item in self._sandbox.store.find("outbox") if item["not_before"] <= now and item["id"] not in self._flying]
        if settings["hold"]:
            ready = [item for item in ready if not re.search(settings["types"], item["type"])]
        return sorted(ready, key=lambda item: float(item["not_before"]))[:BATCH][::-1]

    async def _fly(self, client: httpx.AsyncClient, item: Document) -> None:
        try:
            await self._deliver(client, item)
        finally:
            self._flying.pop(item["id"], None)
            self._sandbox.outbox_changed.set()

    async def _deliver(self, client: httpx.AsyncClient, item: Document) -> None:
        sandbox = self._sandbox
        endpoint, event = sandbox.store.get(endpoints.KIND, item["endpoint"]), sandbox.store.get("event", item["event"])
        if endpoint is None or event is None or sandbox.store.get("outbox", item["id"]) is None:
            sandbox.store.delete("outbox", item["id"])
            return
        item["attempt"] += 1
        payload = json.dumps(event, indent=2).encode()
        secret = "whsec_forged" if _strikes(sandbox, "bad_signature", item["type"]) else endpoints.secret_of(sandbox, endpoint["id"])
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}
        headers["Stripe-Signature"] = signature(payload, secret, sandbox.now())
        status, problem = None, None
        try:
            status = (await client.post(endpoint["url"], content=payload, headers=headers)).status_code
        except httpx.HTTPError as error:
            problem = f"{type(error).__name__}: {error}"
        _settle(sandbox, item, status=status, problem=problem)


def _settle(sandbox: Sandbox, item: Document, *, status: int | None, problem: str | None) -> None:
    """A 2xx ends it; anything else, redirects included, is tried again until the attempts run out."""
    if sandbox.store.get("outbox", item["id"]) is None:
        return
    outcome = "delivered" if status is not None and 200 <= status < 300 else "given up" if item["attempt"] >= ATTEMPTS else "will retry"
    with sandbox.store.transaction():
        if outcome == "will retry":
            pause = min(FIRST_PAUSE * 2 ** (item["attempt"] - 1), LONGEST_PAUSE)
            sandbox.store.put("outbox", item["id"], {**item, "not_before": time.time() + pause})
        else:
            sandbox.store.delete("outbox", item["id"])
        _note(sandbox, item, status=status, outcome=outcome, problem=problem)


def _note(sandbox: Sandbox, item: Document, *, status: int | None, outcome: str, problem: str | None = None) -> None:
    number = sandbox.store.next_number("delivery")
    facts = {name: item[name] for name in ("event", "type", "endpoint", "attempt")}
    sandbox.store.put(
        "delivery", str(number), {"id": number, "at": sandbox.moment().isoformat(), **facts, "status": status, "outcome": outcome, "problem": problem}
    )
    sandbox.store.delete("delivery", str(number - DELIVERIES_KEPT))
