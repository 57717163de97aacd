"""Billing's time, as far as this machine can know it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

FAR = 60.0
"""Seconds. A Date header is whole seconds old and travels; nearer than this our own clock is as good."""


class Clock:
    """This machine's clock plus the offset that billing's answers showed it to be off by."""

    def __init__(self, now: Callable[[], float] = time.time, ticking: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.ticking = ticking
        """Seconds that never jump, for pauses and due times."""
        self._offset = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Unix seconds."""
        return self._now() + self._offset

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now(), timezone.utc)

    def observe(self, date: str | None) -> bool:
        """Learns from a Date header; true where the clock moved by so much that a signature made before was outside the window."""
        if date is None:
            return False
        try:
            theirs = parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError, OverflowError):
            return False
        with self._lock:
            away = theirs - self.now()
            if abs(away) < FAR:
                return False
            self._offset = theirs - self._now()
            if abs(self._offset) < FAR:
                self._offset = 0.0
            return True
