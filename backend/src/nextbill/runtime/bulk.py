"""Many rows in one statement: columns as PostgreSQL array literals for `unnest`.

COPY is refused on tables under row-level security, and a driver that adapts each value by itself costs more than the rest of a row; a column of plain
values is one string instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from struct import Struct
from typing import Any
from uuid import UUID

import msgspec
from psycopg.adapt import Dumper
from psycopg.postgres import adapters, types
from psycopg.pq import Format
from sqlalchemy import ARRAY, Uuid, cast, literal, text
from sqlalchemy.types import NullType

from nextbill.runtime.database import ReadTx

_BY_INDEX = text(
    "select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
)


async def by_index(tx: ReadTx) -> None:
    """Until the transaction ends every row is found by a key. How many an array names is not known to the planner, which for a thousand of them would
    rather read a small table from end to end, and keep to that when it is not small any more."""
    await tx.execute(_BY_INDEX)


def column(values: Iterable[object]) -> str:
    """Whole numbers, ids, dates, and words that need no quoting; None is null. For `cast(:name as uuid[])` and the like."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


class Uuids(bytes):
    """An array of ids as PostgreSQL sends it: in words an id costs more than the rest of its row, on either side."""


class _UuidsDumper(Dumper):
    format = Format.BINARY
    oid = types["uuid"].array_oid

    def dump(self, obj: Uuids) -> bytes:
        return obj


adapters.register_dumper(Uuids, _UuidsDumper)
_HEAD, _SIZE = Struct("!iiI"), Struct("!ii")
_NULL, _LENGTH = (-1).to_bytes(4, signed=True), (16).to_bytes(4)


def uuids(values: Collection[UUID | None]) -> Uuids:
    """As `column`, of ids. For `cast(:name as uuid[])`."""
    cells = [_NULL if value is None else _LENGTH + value.bytes for value in values]
    head = _HEAD.pack(1, None in values, types["uuid"].oid) + _SIZE.pack(len(cells), 1) if cells else _HEAD.pack(0, 0, types["uuid"].oid)
    return Uuids(head + b"".join(cells))


def words(values: Iterable[str | None]) -> str:
    """Any text; None is null. For `cast(:name as text[])`, and for jsonb[] with values from `document`."""
    quoted = ["NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return "{" + ",".join(quoted) + "}"


def document(value: object) -> str:
    """JSON of plain values and of dataclasses."""
    return msgspec.json.encode(value).decode()


def ids(values: Collection[UUID]) -> Any:
    """For `any_` in a statement of SQLAlchemy's: one parameter, however many they are."""
    return cast(literal(uuids(values), NullType()), ARRAY(Uuid))
