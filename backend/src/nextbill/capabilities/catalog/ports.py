"""What the catalog asks of who knows the subscriptions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class Touched:
    """So many subscriptions pay `unit` for each of `pieces` pieces, every cycle, by this version of the price."""

    cycle: Cycle
    unit: Money
    price_version: int
    subscriptions: int
    pieces: int


FindTouched = Callable[[ReadTx, UUID], Awaitable[Sequence[Touched]]]
"""Of a plan, an add-on or an option's value."""
