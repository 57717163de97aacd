"""What must always hold of the books."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from nextbill.capabilities.ledger.models import EntryRow, JournalRow
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant


async def _unbalanced(tx: ReadTx, _now: datetime) -> list[str]:
    total = func.sum(EntryRow.amount_minor)
    statement = select(EntryRow.journal_id, EntryRow.currency, total).group_by(EntryRow.journal_id, EntryRow.currency).having(total != 0).limit(SHOWN)
    found = [f"journal {journal_id} is off by {amount} {currency}" for journal_id, currency, amount in await tx.execute(statement)]
    empty = select(JournalRow.id).where(~select(EntryRow.journal_id).where(EntryRow.journal_id == JournalRow.id).exists()).limit(SHOWN)
    return found + [f"journal {journal_id} has no entries" for journal_id in (await tx.execute(empty)).scalars()]


INVARIANTS = (Invariant("ledger_balances", "Every journal balances in every currency, and none is empty", _unbalanced),)
