"""Where a purchase can be cut off: the product's named crash points, as `NEXTBILL_CRASH_AT` takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

OPEN_CHECKOUT = "payments.open_checkout"
WORKERS_STEPS = ("notifications.send_mail", "domains.prepare_registrant", "hosting.create_account", "domains.register")
STEPS = (OPEN_CHECKOUT, *WORKERS_STEPS)
NOT_OF_A_PURCHASE = (
    "payments.expire_checkout",
    "payments.refund",
    "payments.charge",
    "payments.open_setup",
    "payments.detach_card",
    "hosting.set_first_password",
    "hosting.change_account",
    "domains.renew",
)
"""Steps that a purchase that comes out well does not take."""
PLACES = ("before_intent", "intent", "called", "looked", "before_result", "result")
"""`looked` right after `called`: the step that was cut off there is looked after next."""


@dataclass(frozen=True)
class Point:
    step: str
    place: str

    @property
    def name(self) -> str:
        return f"{self.step}:{self.place}"

    @property
    def in_api(self) -> bool:
        """A checkout is opened while the customer waits; what was cut off there is looked after by a worker."""
        return self.step == OPEN_CHECKOUT and self.place != "looked"


def all_points() -> list[Point]:
    return [Point(step, place) for step in STEPS for place in PLACES]


def some_points(chance: Random) -> list[Point]:
    """For a short run: of every step the place after the call, of two the look after it, and two more; over some seeds it is all of them."""
    chosen = {(step, "called") for step in STEPS} | {(step, "looked") for step in ("hosting.create_account", "domains.register")}
    chosen |= {(OPEN_CHECKOUT, chance.choice(PLACES[:2] + PLACES[4:])), (chance.choice(WORKERS_STEPS), chance.choice(PLACES[:2] + PLACES[4:]))}
    return [point for point in all_points() if (point.step, point.place) in chosen]


def split(points: Sequence[Point]) -> tuple[list[Point], list[Point]]:
    """Those to arm in the API, those to arm in the workers, in order."""
    return [point for point in points if point.in_api], [point for point in points if not point.in_api]
