"""What was written, by PostgreSQL's own statistics: rows of tables, and the write-ahead log of the product's own backends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from nextbill_lab.bench.database import Owner

FLUSH_SECONDS = 11.0
"""An idle backend tells its counts after ten seconds at the latest."""


@dataclass(frozen=True)
class Counted:
    """Rows inserted, updated and deleted by table; bytes of write-ahead log of the product's live backends; transactions.

    Not the log's position: the server's own tending of tables moves that too.
    """

    rows: dict[str, int]
    log_bytes: int
    transactions: int

    def since(self, before: Counted) -> Counted:
        rows = {table: count - before.rows.get(table, 0) for table, count in self.rows.items() if count != before.rows.get(table, 0)}
        return Counted(rows, self.log_bytes - before.log_bytes, self.transactions - before.transactions)

    def told(self, *, requests: int) -> dict[str, Any]:
        return {
            "requests": requests,
            "rows_written": self.rows,
            "wal_bytes": self.log_bytes,
            "wal_bytes_per_request": round(self.log_bytes / requests, 3),
            "requests_per_transaction": round(requests / self.transactions, 2) if self.transactions else None,
        }


def counted(owner: Owner) -> Counted:
    owner.rows("select pg_stat_force_next_flush()")  # what this connection filled in belongs to before
    owner.rows("select 1")
    rows = owner.rows("select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_user_tables")
    written = owner.one(
        "select coalesce(sum(w.wal_bytes), 0) from pg_stat_activity a cross join pg_stat_get_backend_wal(a.pid) w where a.usename like 'nextbill%%'"
    )
    transactions = owner.one("select xact_commit + xact_rollback from pg_stat_database where datname = current_database()")
    return Counted({str(table): int(count) for table, count in rows}, int(written), int(transactions))


async def counted_at_last(owner: Owner) -> Counted:
    """Once every backend has told its counts."""
    await asyncio.sleep(FLUSH_SECONDS)
    return counted(owner)
