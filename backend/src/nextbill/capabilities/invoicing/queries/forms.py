"""What an invoice says, wherever that is kept: by itself, or in the form that it shares with others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nextbill.capabilities.invoicing.models import FormRow, InvoiceLineRow, InvoiceRow
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class Said:
    """`shared`: the inputs of its lines' numbers by their positions, where it has a form."""

    seller: dict[str, Any]
    shared: Sequence[dict[str, Any]] = ()

    def details_of(self, line: InvoiceLineRow) -> dict[str, Any]:
        """The inputs of a line's number."""
        return self.shared[line.position - 1] | line.details if self.shared else line.details


async def said_on(tx: ReadTx, row: InvoiceRow) -> Said:
    if row.seller is not None:
        return Said(row.seller)
    form = None if row.form_id is None else await tx.get(FormRow, row.form_id)
    if form is None:
        raise LookupError(f"{row.number} has no form that could be seen")
    return Said(form.seller, form.details)
