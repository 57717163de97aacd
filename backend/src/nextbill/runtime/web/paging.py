"""Keyset pages: `?limit=&cursor=` → `{"items": […], "next_cursor": …}`. Ids are UUIDv7, so the newest come first by id."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar, TypeVarTuple
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import Select

from nextbill.kernel.errors import Invalid

Item = TypeVar("Item")
Row = TypeVar("Row")
Columns = TypeVarTuple("Columns")
DEFAULT, MAXIMUM = 50, 200


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    limit: int
    after: UUID | None

    def apply(self, statement: Select[*Columns], column: Any) -> Select[*Columns]:
        """Newest first, one row more than the page to know whether there is another."""
        if self.after is not None:
            statement = statement.where(column < self.after)
        return statement.order_by(column.desc()).limit(self.limit + 1)

    def page(self, rows: Sequence[Row], show: Callable[[Row], Item], key: Callable[[Row], UUID]) -> Page[Item]:
        shown = rows[: self.limit]
        following = encode(key(shown[-1])) if len(rows) > self.limit else None
        return Page(items=[show(row) for row in shown], next_cursor=following)


def encode(key: UUID) -> str:
    return base64.urlsafe_b64encode(key.bytes).decode().rstrip("=")


def decode(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise Invalid(fields={"cursor": "not a cursor of this list: start again without one"}) from None


async def paging(limit: Annotated[int, Query(ge=1, le=MAXIMUM)] = DEFAULT, cursor: Annotated[str | None, Query(max_length=64)] = None) -> Paging:
    return Paging(limit, decode(cursor) if cursor else None)


Pages = Annotated[Paging, Depends(paging)]
