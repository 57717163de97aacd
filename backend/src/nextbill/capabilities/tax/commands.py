"""Keeping the tax rules."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert

from nextbill.capabilities.tax.models import TaxRuleRow
from nextbill.capabilities.tax.rules import BuyerKind
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx


async def add_rule(
    tx: Tx,
    *,
    country: str,
    rate_ppm: int,
    name: str,
    valid_from: date,
    now: datetime,
    state: str | None = None,
    product_class: str | None = None,
    buyer: BuyerKind = "any",
    valid_until: date | None = None,
) -> UUID:
    """`rate_ppm`: parts per million. None in `state` or `product_class` means all of them."""
    rule_id = new_id()
    await tx.execute(
        insert(TaxRuleRow).values(
            id=rule_id,
            country=country,
            state=state,
            product_class=product_class,
            buyer=buyer,
            rate_ppm=rate_ppm,
            name=name,
            valid_from=valid_from,
            valid_until=valid_until,
            created_at=now,
        )
    )
    return rule_id
