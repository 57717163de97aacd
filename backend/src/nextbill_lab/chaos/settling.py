"""When the dust settles: everybody behaves, staff presses retry, the clock moves, in bounded rounds until nothing is open."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from nextbill_lab.chaos.desk import Desk
from nextbill_lab.chaos.misdeeds import Vendors

ROUND_SECONDS = 3.0
SHOWN = 5
LEAP_SECONDS = 11 * 60
"""Longer than a registrar's resend pause and any pause between two checks of a payment that is minutes old."""


@dataclass
class Settled:
    """`still_open`: what was not concluded in time; empty when all is well. `waited_for`: some of what the last round but one found open."""

    rounds: int = 0
    leaps: int = 0
    still_open: list[str] = field(default_factory=list)
    waited_for: list[str] = field(default_factory=list)


async def settle(desk: Desk, vendors: Vendors, *, seconds: float) -> Settled:
    found = Settled()
    deadline = time.monotonic() + seconds
    while True:
        await desk.press_buttons()
        await asyncio.sleep(ROUND_SECONDS)
        found.rounds += 1
        found.still_open = await still_open(desk, vendors)
        if not found.still_open or time.monotonic() > deadline:
            return found
        found.waited_for = found.still_open[:SHOWN]
        await vendors.controls["stripe"].advance(LEAP_SECONDS)
        found.leaps += 1


async def still_open(desk: Desk, vendors: Vendors) -> list[str]:
    """In words. An order that nobody paid is not open: it is a leftover."""
    orders = await desk.all("/orders")
    parked, failed = await desk.waiting()
    found = [f"order {order['number']} is paid, not completed: {_lines(order)}" for order in orders if order["state"] == "paid"]
    found += [f"parked: {step['step']} of {step['subject']}: {step['reason']}" for step in parked]
    found += [f"failed job {job['job']}: {job['error']}" for job in failed]
    mails = Counter(f"{mail['kind']} {mail['state']}" for mail in await desk.all("/admin/notifications") if mail["state"] != "sent")
    found += [f"mail {kind}: {count}" for kind, count in mails.items()]
    found += await _unheard_money(desk, vendors)
    waiting = (await vendors.call("stripe", "GET", "/_sim/stripe/webhooks"))["waiting"]
    return found + ([f"{waiting} webhooks are on their way"] if waiting else [])


async def _unheard_money(desk: Desk, vendors: Vendors) -> list[str]:
    """Money that Stripe took and the product has not noticed yet."""
    known = {payment["id"] for payment in await desk.all("/payments/") if payment["status"] not in ("opening", "open", "waiting_for_staff")}
    payments = (await vendors.call("stripe", "GET", "/_sim/stripe/summary"))["payments"]
    return [f"payment {paid['metadata'].get('attempt_id')} is not settled" for paid in payments if paid["metadata"].get("attempt_id") not in known]


def _lines(order: dict[str, object]) -> str:
    lines = order["lines"]
    if not isinstance(lines, list):
        return ""
    return ", ".join(f"{line['kind']} {line['state']}" + (f" ({line['reason']})" if line["reason"] else "") for line in lines)
