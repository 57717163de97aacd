"""Assessing lines against the rules of the buyer's country."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.tax.models import TaxRuleRow
from nextbill.capabilities.tax.rules import BuyerKind, Place, TaxableLine, TaxedLine, TaxRule, apply, choose
from nextbill.runtime.database import ReadTx


async def assess(
    tx: ReadTx,
    *,
    lines: Sequence[TaxableLine],
    country: str,
    state: str | None,
    status: str,
    tax_id: str | None,
    on: date,
) -> list[TaxedLine]:
    """One taxed line for each line, in their order; 0 where no rule applies. `country` is ISO 3166 alpha-2, `status` consumer or business."""
    place = Place(country, state, status, tax_id)
    rows = (await tx.execute(select(TaxRuleRow).where(TaxRuleRow.country == country))).scalars()
    rules = [_rule(row) for row in rows]
    return [apply(line, choose(rules, place=place, product_class=line.product_class, on=on)) for line in lines]


async def get_rules(tx: ReadTx, ids: Collection[UUID]) -> dict[UUID, TaxRule]:
    """The rules that lines were taxed by, as they are; all but their end never changes."""
    rows = (await tx.execute(select(TaxRuleRow).where(TaxRuleRow.id.in_(ids)))).scalars()
    return {row.id: _rule(row) for row in rows}


def _rule(row: TaxRuleRow) -> TaxRule:
    buyer = cast("BuyerKind", row.buyer)
    return TaxRule(row.id, row.country, row.state, row.product_class, buyer, row.rate_ppm, row.name, row.valid_from, row.valid_until)
