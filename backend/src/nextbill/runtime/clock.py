"""The clocks of a process: the machine's, or in sandbox mode one that a file moves."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nextbill.kernel.clock import Clock
from nextbill.runtime.settings import Settings


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """Wall time plus the offset in the file `{"offset_seconds": 0.0}`; all processes and the simulators follow one file."""

    def __init__(self, path: Path) -> None:
        self._path, self._name = path, str(path)
        self._stamp: tuple[int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        self._refresh()
        return datetime.now(UTC) + self._offset

    @property
    def offset(self) -> timedelta:
        """How far it is ahead of the machine's."""
        self._refresh()
        return self._offset

    def move_to(self, moment: datetime) -> None:
        """For every process that follows the file, from now on. It goes forward only: a moment that is over changes nothing."""
        if moment <= self.now():
            return
        offset = moment - datetime.now(UTC)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.write_text(json.dumps({"offset_seconds": offset.total_seconds()}))
        draft.replace(self._path)

    def _refresh(self) -> None:
        try:
            found = os.stat(self._name)  # noqa: PTH116  (asked with each request of the license path; a Path costs twice as much)
        except FileNotFoundError:
            self._stamp, self._offset = None, timedelta()
            return
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            self._offset = timedelta(seconds=json.loads(self._path.read_text())["offset_seconds"])
            self._stamp = stamp


def make_clock(settings: Settings) -> Clock:
    return MovableClock(settings.nextbill_clock_file) if settings.nextbill_clock_file else SystemClock()
