"""Medians, percentiles and ratios, and how they are shown."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Cost:
    """CPU of one thing, the median over rounds. `r`: how many bare routes that is; `target_r`: at most so many."""

    what: str
    microseconds: float
    r: float
    target_r: float | None = None

    @property
    def verdict(self) -> str:
        if self.target_r is None:
            return ""
        return "met" if self.r <= self.target_r else "missed"

    def told(self) -> dict[str, Any]:
        return asdict(self) | {"verdict": self.verdict}


def cost(what: str, rounds: Sequence[float], yardstick: Sequence[float], *, target_r: float | None = None) -> Cost:
    """`rounds`: microseconds each, beside the yardstick's of the same round. The ratio is the median of the rounds' ratios."""
    ratios = [spent / bare for spent, bare in zip(rounds, yardstick, strict=True)]
    return Cost(what, round(statistics.median(rounds), 1), round(statistics.median(ratios), 2), target_r)


def known(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a `Cost` was made of, from what it told."""
    return {name: value for name, value in told.items() if name != "verdict"}


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least `share` of all do not exceed."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """The usual percentiles of how long answers took."""
    return {f"p{share}_ms": round(percentile(seconds, share / 100) * 1000, 2) for share in (50, 95, 99)}


def per(spent: Mapping[str, float], count: int) -> dict[str, float]:
    """Seconds of each part → microseconds for each of `count`."""
    return {part: seconds * 1e6 / count for part, seconds in spent.items()}
