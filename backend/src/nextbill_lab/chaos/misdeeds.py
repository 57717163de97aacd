"""What the vendors do wrong: a shuffled deck of misdeeds, each card at least once, every one over after a few strikes or seconds."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from nextbill_lab.system import System
from nextbill_lab.vendors import Control, Outside

Play = Callable[[], Awaitable[None]]
EFFECTS: Mapping[str, Mapping[str, Any]] = {
    "lost_after": {"times": 2},
    "lost_before": {"times": 2},
    "error_after": {"times": 2},
    "error_before": {"times": 2},
    "throttled": {"times": 2},
    "slow": {"times": 4, "seconds": 1.0},
    "hang": {"times": 1, "seconds": 8.0},
    "html": {"times": 2},
}
STRIPE_CALLS = r"POST /v1/(customers|checkout/sessions)$"
REGISTRAR_CALLS = r"/api/domains/(register|details)"
PANEL_CALLS = r"/api/v1/billing/accounts"
STRIPES_OWN: tuple[Mapping[str, Any], ...] = (
    {"kind": "stored_500", "executed": True, "times": 1},
    {"kind": "stored_500", "executed": False, "times": 1},
    {"kind": "conflict_409", "times": 1},
    {"kind": "rate_limit_429", "times": 2},
    {"kind": "slow_execution", "times": 1, "seconds": 3.0},
)
REGISTRARS_OWN: tuple[Mapping[str, Any], ...] = (
    {"kind": "busy", "pattern": "domains/register", "times": 1},
    {"kind": "failed_200", "pattern": "domains/register", "times": 1},
    {"kind": "error_lower", "pattern": "domains/register", "times": 1},
    {"kind": "html_403", "pattern": "domains/register", "times": 2},
    {"kind": "order_locked", "pattern": "domains/register", "times": 1},
    {"kind": "sparse", "pattern": "domains/details", "times": 2},
    {"kind": "empty_after", "pattern": "domains/register", "times": 1},
    {"kind": "truncated_after", "pattern": "domains/register", "times": 1},
)
WEBHOOKS: tuple[Mapping[str, Any], ...] = (
    {"duplicate": 4},
    {"drop": 3},
    {"bad_signature": 3},
    {"shuffle": True, "delay_seconds": 4.0},
    {"shuffle": False, "delay_seconds": 6.0},
)
MAIL_MODES = ("defer", "down", "lost_before", "lost_after")
PLENTY, NOTHING = "100000.00", "0.00"
DOWN_SECONDS, POOR_SECONDS, MAIL_SECONDS = 8.0, 8.0, 3.0


@dataclass
class Vendors:
    """All simulators by their control routes. `planned`: misdeeds that were planned, by vendor and kind."""

    system: System
    outside: Outside
    planned: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        urls = {"stripe": self.system.stripe, "registrar": self.system.resellerclub, "mailbox": self.system.mailbox}
        urls |= {f"panel {name}": url for name, url in self.system.panels.items()}
        self.controls = {name: Control(self.outside, url) for name, url in urls.items()}

    async def call(self, vendor: str, method: str, path: str, body: Any = None) -> Any:
        return await self.outside.json(method, f"{self.controls[vendor].url}{path}", **({} if body is None else {"json": body}))

    async def reseed(self, seed: int) -> None:
        for number, control in enumerate(self.controls.values()):
            await control.reseed(seed * 10 + number)

    async def fund(self, amount: str) -> None:
        await self.call("registrar", "POST", "/_sim/resellerclub/balance", {"set": amount})

    async def behave(self) -> None:
        """Every fault forgotten, everybody up, money on the registrar's account."""
        for control in self.controls.values():
            await control.clear_faults()
        await self.call("stripe", "DELETE", "/_sim/stripe/faults")
        await self.call("stripe", "DELETE", "/_sim/stripe/webhooks")
        await self.call("registrar", "DELETE", "/_sim/resellerclub/faults")
        await self.call("mailbox", "POST", "/_sim/mailbox/smtp", {"mode": "ok"})
        for name in self.system.panels:
            await self.call(f"panel {name}", "POST", "/_sim/nextpanel/down", {"down": False})
        await self.fund(PLENTY)

    async def struck(self) -> dict[str, int]:
        """Faults that really met a call, by vendor and effect, as the simulators' own logs tell."""
        found: Counter[str] = Counter()
        for name, control in self.controls.items():
            found.update(f"{name}: {call['fault']}" for call in await control.calls() if call["fault"])
        deliveries = await self.call("stripe", "GET", "/_sim/stripe/deliveries")
        found.update(f"webhook: {delivery['outcome']}" for delivery in deliveries if delivery["outcome"] in ("dropped", "will retry"))
        return dict(sorted(found.items()))


def deck(vendors: Vendors) -> list[tuple[str, Play]]:
    """Every misdeed with its name."""
    cards = [*_wire_faults(vendors), *_own_faults(vendors)]
    cards += [(f"mailbox: {mode}", _mail(vendors, mode)) for mode in MAIL_MODES]
    cards += [(f"panel {name}: down for a while", _down(vendors, name)) for name in list(vendors.system.panels)[:1]]
    cards.append(("registrar: out of funds, then topped up", _poor(vendors)))
    return cards


def _wire_faults(vendors: Vendors) -> list[tuple[str, Play]]:
    targets = {"stripe": STRIPE_CALLS, "registrar": REGISTRAR_CALLS, **{f"panel {name}": PANEL_CALLS for name in vendors.system.panels}}
    return [
        (f"{vendor}: {effect}", _wire(vendors, vendor, {"effect": effect, "pattern": pattern, **more}))
        for vendor, pattern in targets.items()
        for effect, more in EFFECTS.items()
    ]


def _own_faults(vendors: Vendors) -> list[tuple[str, Play]]:
    cards = [(f"stripe: {_told(rule)}", _post(vendors, "stripe", "/_sim/stripe/faults", {"pattern": STRIPE_CALLS, **rule})) for rule in STRIPES_OWN]
    cards += [(f"registrar: {rule['kind']}", _post(vendors, "registrar", "/_sim/resellerclub/faults", rule)) for rule in REGISTRARS_OWN]
    return cards + [(f"webhooks: {_told(plan)}", _post(vendors, "stripe", "/_sim/stripe/webhooks", plan)) for plan in WEBHOOKS]


def _told(rule: Mapping[str, Any]) -> str:
    if "kind" in rule:
        return f"{rule['kind']}{'' if rule.get('executed') is None else ', done' if rule['executed'] else ', not done'}"
    return ", ".join(name for name in rule if rule[name])


def _wire(vendors: Vendors, vendor: str, rule: Mapping[str, Any]) -> Play:
    async def play() -> None:
        await vendors.controls[vendor].fault(**rule)

    return play


def _post(vendors: Vendors, vendor: str, path: str, body: Mapping[str, Any]) -> Play:
    async def play() -> None:
        await vendors.call(vendor, "POST", path, dict(body))

    return play


def _mail(vendors: Vendors, mode: str) -> Play:
    async def play() -> None:
        await vendors.call("mailbox", "POST", "/_sim/mailbox/smtp", {"mode": mode})
        await asyncio.sleep(MAIL_SECONDS)
        await vendors.call("mailbox", "POST", "/_sim/mailbox/smtp", {"mode": "ok"})

    return play


def _down(vendors: Vendors, name: str) -> Play:
    async def play() -> None:
        await vendors.call(f"panel {name}", "POST", "/_sim/nextpanel/down", {"down": True})
        await asyncio.sleep(DOWN_SECONDS)
        await vendors.call(f"panel {name}", "POST", "/_sim/nextpanel/down", {"down": False})

    return play


def _poor(vendors: Vendors) -> Play:
    async def play() -> None:
        await vendors.fund(NOTHING)
        await asyncio.sleep(POOR_SECONDS)
        await vendors.fund(PLENTY)

    return play


class Mischief:
    """Plays the deck until told to stop; what is on the way then ends first."""

    def __init__(self, vendors: Vendors, seed: int, *, pause: tuple[float, float]) -> None:
        self._vendors, self._pause = vendors, pause
        self._chance = Random(f"{seed}:misdeeds")
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        cards: list[tuple[str, Play]] = []
        while not stop.is_set():
            if not cards:
                cards = deck(self._vendors)
                self._chance.shuffle(cards)
            name, play = cards.pop()
            self._vendors.planned[name] += 1
            task = asyncio.create_task(_daring(play))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            await _wait(stop, self._chance.uniform(*self._pause))
        await asyncio.gather(*self._running)


async def _daring(play: Play) -> None:
    """A simulator that is too busy to be told something is asked once more."""
    try:
        await play()
    except httpx.TransportError:
        await play()


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
