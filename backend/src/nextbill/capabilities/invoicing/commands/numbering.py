"""Legal numbers: gapless by series. Asked for as the last thing of a transaction, since the counter's row is held until its commit."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from nextbill.capabilities.invoicing.rules import Kind, series
from nextbill.runtime.database import Tx


async def next_number(tx: Tx, kind: Kind, *, on: date) -> tuple[str, int]:
    """Series and place in it. A rollback gives the number back; the database refuses to commit one without its document."""
    name = series(kind, on)
    place = (await tx.execute(text("select invoicing_next_number(:series)"), {"series": name})).scalar_one()
    return name, int(place)


async def next_numbers(tx: Tx, kind: Kind, *, on: date, many: int) -> tuple[str, int]:
    """Series and the last of so many places in a row."""
    name = series(kind, on)
    last = (await tx.execute(text("select invoicing_next_numbers(:series, :many)"), {"series": name, "many": many})).scalar_one()
    return name, int(last)
