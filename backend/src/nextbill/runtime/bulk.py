"""Many rows in one statement: columns as PostgreSQL array literals for `unnest`.

COPY is refused on tables under row-level security, and a driver that adapts each value by itself costs more than the rest of a row; a column of plain
values is one string instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from struct import Struct
from typing import Any
from uuid import UUID

import msgspec
from psycopg.adapt import Dumper
from psycopg.postgres import adapters, types
from psycopg.pq import Format
from sqlalchemy import ARRAY, Uuid, cast, literal, text
from sqlalchemy.types import NullType

from nextbill.kernel.ids import new_halves
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


def spans(counts: Sequence[int]) -> tuple[str, str]:
    """The places, counted from 1, of the first and of the last of each group in a column that has so many of each, one group after the other."""
    lasts = list(accumulate(counts))
    return column([last - count + 1 for last, count in zip(lasts, counts, strict=True)]), column(lasts)


class Uuids(bytes):
    """An array of ids as PostgreSQL sends it: in words an id costs more than the rest of its row, on either side."""


class Words(bytes):
    """An array of texts as PostgreSQL sends it: nothing in them is quoted, and nothing has to be looked for."""


class _UuidsDumper(Dumper):
    format = Format.BINARY
    oid = types["uuid"].array_oid

    def dump(self, obj: Uuids) -> bytes:
        return obj


class _WordsDumper(Dumper):
    format = Format.BINARY
    oid = types["text"].array_oid

    def dump(self, obj: Words) -> bytes:
        return obj


adapters.register_dumper(Uuids, _UuidsDumper)
adapters.register_dumper(Words, _WordsDumper)
_HEAD, _SIZE = Struct("!iiI"), Struct("!ii")
_NULL = (-1).to_bytes(4, signed=True)
_LENGTH = 16 << 128
"""Before the 16 bytes of an id."""
_CELL = 20


def uuids(values: Iterable[UUID | None]) -> Uuids:
    """As `column`, of ids. For `cast(:name as uuid[])`."""
    return Uuids(_array(types["uuid"].oid, [_NULL if value is None else (_LENGTH | value.int).to_bytes(20) for value in values]))


def length(ids: Uuids) -> int:
    """How many; of a column without null."""
    return max(len(ids) // _CELL - 1, 0)  # what stands before them is as long as one


def joined(columns: Sequence[Uuids]) -> Uuids:
    """One after the other; of columns without null, such as `array_send(array_agg(id))` gives."""
    before = _HEAD.size + _SIZE.size
    return Uuids(_head(types["uuid"].oid, sum(map(length, columns))) + b"".join([ids[before:] for ids in columns]))


def new_uuids(count: int) -> Uuids:
    """`ids.new_ids` as a column, for rows whose ids nobody here asks for."""
    cells = Struct(f"!{'IQQ' * count}")
    return Uuids(_head(types["uuid"].oid, count) + cells.pack(*[part for high, low in new_halves(count) for part in (16, high, low)]))


def words(values: Iterable[str | bytes | None]) -> Words:
    """Any text, or its bytes in UTF-8; None is null. For `cast(:name as text[])`, and for jsonb[] with values from `document`."""
    encoded = [value.encode() if isinstance(value, str) else value for value in values]
    return Words(_array(types["text"].oid, [_NULL if value is None else len(value).to_bytes(4) + value for value in encoded]))


def _array(oid: int, cells: Sequence[bytes]) -> bytes:
    return _head(oid, len(cells), nulls=_NULL in cells) + b"".join(cells)


def _head(oid: int, count: int, *, nulls: bool = False) -> bytes:
    return _HEAD.pack(1, nulls, oid) + _SIZE.pack(count, 1) if count else _HEAD.pack(0, 0, oid)


def document(value: object) -> bytes:
    """JSON of plain values and of dataclasses."""
    return msgspec.json.encode(value)


def ids(values: Collection[UUID]) -> Any:
    """For `any_` in a statement of SQLAlchemy's: one parameter, however many they are."""
    return cast(literal(uuids(values), NullType()), ARRAY(Uuid))
