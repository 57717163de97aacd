"""How large a run is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Times in seconds of wall time. `pause`: between two kills at random, and between two misdeeds of the vendors, from and to."""

    orders: int
    every_point: bool
    workers: int
    vendor_timeout: float
    at_once: int
    turn: float
    kill_pause: tuple[float, float]
    misdeed_pause: tuple[float, float]
    settle: float
    least_mayhem: float


def full(orders: int) -> Size:
    return Size(
        orders=orders,
        every_point=True,
        workers=2,
        vendor_timeout=2.0,
        at_once=8 if orders < 200 else 12,
        turn=14.0,
        kill_pause=(4.0, 9.0),
        misdeed_pause=(1.0, 2.5),
        settle=max(300.0, orders * 1.0),
        least_mayhem=60.0,
    )


def short(orders: int) -> Size:
    """For continuous integration: one worker, a part of the crash points."""
    return Size(
        orders=orders,
        every_point=False,
        workers=1,
        vendor_timeout=1.5,
        at_once=6,
        turn=5.0,
        kill_pause=(4.0, 6.0),
        misdeed_pause=(1.0, 2.0),
        settle=120.0,
        least_mayhem=15.0,
    )
