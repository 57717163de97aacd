"""JSON documents in SQLite: what a vendor remembers, across restarts and kills."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Store:
    """Documents by (kind, id), in order of insertion. Single-threaded: one event loop owns it, so no await inside a transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._indexed: set[str] = set()
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=off")
        self._db.execute(
            "create table if not exists document (seq integer primary key, kind text not null, id text not null, body text not null, unique (kind, id))"
        )
        self._db.execute("create table if not exists counter (name text primary key, last integer not null)")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested, the outermost decides."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def put(self, kind: str, key: str, document: Document) -> Document:
        self._db.execute(
            "insert into document (kind, id, body) values (?, ?, ?) on conflict (kind, id) do update set body = excluded.body",
            (kind, key, json.dumps(document)),
        )
        return document

    def get(self, kind: str, key: str) -> Document | None:
        row = self._db.execute("select body from document where kind = ? and id = ?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else None

    def delete(self, kind: str, key: str) -> bool:
        return self._db.execute("delete from document where kind = ? and id = ?", (kind, key)).rowcount > 0

    def find(self, kind: str, **equals: str | int | bool | None) -> list[Document]:
        """Documents whose top-level fields equal the given ones, oldest first."""
        where, values = ["kind = ?"], [kind]
        for name, value in equals.items():
            self._index(name)
            where.append(f"json_extract(body, '$.{name}') is ?")
            values.append(int(value) if isinstance(value, bool) else value)  # type: ignore[arg-type]  # sqlite has no bool
        rows = self._db.execute(f"select body from document where {' and '.join(where)} order by seq", values)
        return [json.loads(row[0]) for row in rows]

    def _index(self, name: str) -> None:
        """A vendor that remembers thousands of things must not read them all to answer for one. `name` may be a caller's word."""
        if name in self._indexed:
            return
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no field")
        self._db.execute(f"create index if not exists document_by_{name} on document (kind, json_extract(body, '$.{name}'))")
        self._indexed.add(name)

    def count(self, kind: str) -> int:
        return int(self._db.execute("select count(*) from document where kind = ?", (kind,)).fetchone()[0])

    def kinds(self) -> list[str]:
        return [row[0] for row in self._db.execute("select distinct kind from document order by kind")]

    def next_number(self, name: str, start: int = 1) -> int:
        row = self._db.execute(
            "insert into counter (name, last) values (?, ?) on conflict (name) do update set last = last + 1 returning last", (name, start)
        ).fetchone()
        return int(row[0])

    def clear(self) -> None:
        with self.transaction():
            self._db.execute("delete from document")
            self._db.execute("delete from counter")

    def close(self) -> None:
        self._db.close()
