"""How many of each resource a license has used, for the time when billing can't be asked and the panel brings no count of its own."""

from __future__ import annotations

import threading
from collections import defaultdict


class Tally:
    """What billing last said, plus what it has not heard yet, plus what is being made within a lease right now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], int] = {}
        self._unsent: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._making: defaultdict[tuple[str, str], int] = defaultdict(int)

    def told(self, name: str, resource: str, used: int) -> None:
        with self._lock:
            self._told[name, resource] = used

    def unsent(self, name: str, resource: str, change: int) -> None:
        with self._lock:
            self._unsent[name, resource] += change

    def used(self, name: str, resource: str, *, as_of_lease: int, own: int | None) -> int:
        """`own`: the panel's count, which wins."""
        with self._lock:
            return self._used((name, resource), as_of_lease, own)

    def take(self, name: str, resource: str, quantity: int, *, limit: int | None, as_of_lease: int, own: int | None) -> int | None:
        """Begins to make so many within a lease: what is left then, -1 where there was no room, None where unlimited."""
        with self._lock:
            place = (name, resource)
            left = None if limit is None else limit - self._used(place, as_of_lease, own) - quantity
            if left is not None and left < 0:
                return -1
            self._making[place] += quantity
            return left

    def done(self, name: str, resource: str, quantity: int) -> None:
        with self._lock:
            self._making[name, resource] -= quantity

    def _used(self, place: tuple[str, str], as_of_lease: int, own: int | None) -> int:
        known = max(0, self._told.get(place, as_of_lease) + self._unsent[place]) if own is None else own
        return known + self._making[place]
