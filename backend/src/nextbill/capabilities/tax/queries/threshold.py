"""How much has gone to consumers in other member states this year and last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from nextbill.capabilities.tax.models import ThresholdRow
from nextbill.capabilities.tax.rules import Policy
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class Threshold:
    """Of a calendar year, in home currency. `highest` is the most that the sum has been: what was crossed stays crossed."""

    year: int
    total: int
    highest: int
    last_year_highest: int
    limit: int | None

    def past(self, sale: Money | None, home_currency: str) -> bool:
        """Whether the destination's rates are due with this sale in it. Without a limit they always are."""
        if self.limit is None:
            return True
        with_it = self.total + (sale.minor if sale is not None and sale.currency == home_currency else 0)
        return max(self.last_year_highest, self.highest, with_it) > self.limit


async def threshold_of(tx: ReadTx, on: date, policy: Policy) -> Threshold:
    rows = {row.year: row for row in await tx.scalars(select(ThresholdRow).where(ThresholdRow.year.in_((on.year, on.year - 1))))}
    this, last = rows.get(on.year), rows.get(on.year - 1)
    return Threshold(
        on.year, this.total_minor if this else 0, this.highest_minor if this else 0, last.highest_minor if last else 0, policy.threshold_minor
    )
