"""Who guesses is stopped: wrong proofs by address, unknown license keys by panel key. In the process: nothing that must be right rests on it.

A panel that goes on asking about keys that are gone is refused for those alone: its other customers are not to suffer. Nor is a panel, whose proof
is right, by strangers at its address.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import ClassVar, Final

from nextbill.kernel.errors import Problem

FAILURES_A_MINUTE: Final = 120
WINDOW_SECONDS: Final = 60
SUBJECTS_MAX: Final = 10_000


class RateLimited(Problem):
    code: ClassVar[str] = "rate_limited"
    status: ClassVar[int] = 429
    title: ClassVar[str] = "Too many requests"


class FailureThrottle:
    """A count of failures for each subject within a minute. A call without failures costs a look into a dictionary."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def admit(self, subject: str, now: datetime) -> None:
        """RateLimited."""
        found = self._failures.get(subject)
        if found is None or found[1] < FAILURES_A_MINUTE:
            return
        left = found[0] + WINDOW_SECONDS - now.timestamp()
        if 0 < left <= WINDOW_SECONDS:
            seconds = int(left) + 1
            raise RateLimited(f"Try again in {seconds} seconds.", retry_after=seconds)
        del self._failures[subject]

    def failed(self, subject: str, now: datetime) -> None:
        """RateLimited where there were too many before."""
        self.admit(subject, now)
        since, count = self._failures.pop(subject, (now.timestamp(), 0))
        if now.timestamp() - since >= WINDOW_SECONDS:
            since, count = now.timestamp(), 0
        self._failures[subject] = (since, count + 1)
        if len(self._failures) > SUBJECTS_MAX:
            self._failures.popitem(last=False)
