"""The file of leases: replaced whole, readable by its owner alone, shared by the processes of a panel."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OWNER_ONLY = 0o600


class LeaseFile:
    """`path` is made with its folder. Writers take turns by a lock beside it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._seen: tuple[int, int, int] | None = None
        self._turn = threading.Lock()

    def read_if_new(self) -> str | None:
        """None where there is none, or where it is as we last saw or wrote it."""
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return None
        text = self.path.read_text(encoding="utf-8", errors="replace")
        self._seen = stamp
        return text

    def exchange(self, take: Callable[[str], None], make: Callable[[], str]) -> None:
        """In our turn: what others wrote meanwhile is given to `take`, then the file becomes what `make` says."""
        with self._turn, self._locked():
            theirs = self.read_if_new()
            if theirs is not None:
                take(theirs)
            self._replace(make())
            self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_CREAT | os.O_RDWR, OWNER_ONLY)
        try:
            fcntl.flock(beside, fcntl.LOCK_EX)
            yield
        finally:
            os.close(beside)

    def _replace(self, text: str) -> None:
        """A reader sees the old or the new, also after a crash in between."""
        made = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with suppress(FileNotFoundError):
            made.unlink()
        handle = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        made.replace(self.path)
