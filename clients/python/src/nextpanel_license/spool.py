"""What billing has still to hear, kept until it did: in memory, or in a file that outlives the process."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Protocol

from nextpanel_license.errors import BufferFull
from nextpanel_license.shapes import Entry

CAPACITY = 10_000


class Spool(Protocol):
    """Entries in the order of their coming. The same id twice is one entry. `blocks`: its methods wait for a disk."""

    blocks: bool

    def add(self, entry: Entry) -> None:
        """BufferFull."""

    def oldest(self, limit: int) -> list[Entry]: ...

    def forget(self, ids: Iterable[str]) -> None: ...

    def close(self) -> None: ...

    def __len__(self) -> int: ...


def _full(capacity: int) -> BufferFull:
    return BufferFull(f"{capacity} usage events wait for billing, and no more are taken. This one was not; report the count with usage.set later.")


class MemorySpool:
    """Gone with the process."""

    blocks = False

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            if entry.id not in self._entries and len(self._entries) >= self._capacity:
                raise _full(self._capacity)
            self._entries.setdefault(entry.id, entry)

    def oldest(self, limit: int) -> list[Entry]:
        with self._lock:
            return list(islice(self._entries.values(), limit))

    def forget(self, ids: Iterable[str]) -> None:
        with self._lock:
            for one in ids:
                self._entries.pop(one, None)

    def close(self) -> None:
        """Nothing is open."""

    def __len__(self) -> int:
        return len(self._entries)


class SqliteSpool:
    """A file, readable by its owner alone: it holds license keys. Each event is on the disk before `created()` returns.

    Several processes may share it: an event that two of them send counts once.
    """

    blocks = True

    def __init__(self, path: str | os.PathLike[str], capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = threading.Lock()
        self._file = sqlite3.connect(os.fspath(path), timeout=10, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS entry (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)"
        )

    def add(self, entry: Entry) -> None:
        with self._lock:
            taken = self._file.execute(
                "INSERT INTO entry (id, kind, body) SELECT ?, ?, ? WHERE (SELECT count(*) FROM entry) < ? ON CONFLICT (id) DO NOTHING",
                (entry.id, entry.kind, json.dumps(entry.body), self._capacity),
            ).rowcount
            if not taken and self._file.execute("SELECT 1 FROM entry WHERE id = ?", (entry.id,)).fetchone() is None:
                raise _full(self._capacity)

    def oldest(self, limit: int) -> list[Entry]:
        with self._lock:
            rows = self._file.execute("SELECT id, kind, body FROM entry ORDER BY place LIMIT ?", (limit,)).fetchall()
        return [Entry(row[0], row[1], json.loads(row[2])) for row in rows]

    def forget(self, ids: Iterable[str]) -> None:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("DELETE FROM entry WHERE id = ?", [(one,) for one in ids])
            self._file.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def __len__(self) -> int:
        with self._lock:
            return int(self._file.execute("SELECT count(*) FROM entry").fetchone()[0])
