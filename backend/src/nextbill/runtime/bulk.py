"""Many rows in one statement: columns as PostgreSQL array literals for `unnest`.

COPY is refused on tables under row-level security, and a driver that adapts each value by itself costs more than the rest of a row; a column of plain
values is one string instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Text, Uuid, cast


def column(values: Iterable[object]) -> str:
    """Whole numbers, ids, dates, and words that need no quoting; None is null. For `cast(:name as uuid[])` and the like."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def uuids(values: Iterable[UUID | None]) -> str:
    """As `column`; a UUID's own words cost more than the rest of its row."""
    return "{" + ",".join(["NULL" if value is None else f"{value.int:032x}" for value in values]) + "}"


def words(values: Iterable[str | None]) -> str:
    """Any text; None is null. For `cast(:name as text[])`, and for jsonb[] with values from `document`."""
    quoted = ["NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return "{" + ",".join(quoted) + "}"


def document(value: object) -> str:
    """JSON of plain values and of dataclasses."""
    return msgspec.json.encode(value).decode()


def ids(values: Iterable[UUID]) -> Any:
    """For `any_` in a statement of SQLAlchemy's: one parameter, however many they are."""
    return cast(cast(uuids(values), Text), ARRAY(Uuid))
