"""CSV that a spreadsheet opens as data: no cell of it is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from fastapi.responses import StreamingResponse

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Cell = str | int | None


def neutral(cell: Cell) -> str:
    """Text that a spreadsheet would calculate gets an apostrophe before it. Numbers of ours stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, int):
        return str(cell)
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_DANGEROUS) or cell.startswith(_DANGEROUS) else cell


def lines(rows: Iterable[Sequence[Cell]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([neutral(cell) for cell in row] for row in rows)
    return written.getvalue()


def download(name: str, head: Sequence[str], batches: AsyncIterator[Sequence[Sequence[Cell]]]) -> StreamingResponse:
    """Streams what the iterator brings. With a byte order mark, so that spreadsheets read UTF-8."""

    async def body() -> AsyncIterator[str]:
        yield "\ufeff" + lines([head])
        async for batch in batches:
            yield lines(batch)

    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(body(), media_type="text/csv; charset=utf-8", headers=headers)
