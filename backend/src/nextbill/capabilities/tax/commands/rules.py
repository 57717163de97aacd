"""Keeping the tax rules: one is added or ended, never changed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select

from nextbill.capabilities.tax.errors import TaxRuleNotFound
from nextbill.capabilities.tax.models import TaxRuleRow
from nextbill.capabilities.tax.queries.policies import rule
from nextbill.capabilities.tax.rules import BuyerKind, TaxCategory, TaxRule
from nextbill.capabilities.tax.rules.choosing import default_category
from nextbill.kernel.errors import Invalid
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
    category: TaxCategory | None = None,
    exemption_code: str | None = None,
) -> UUID:
    """`rate_ppm`: parts per million. None in `state` or `product_class` means all of them. Without a `category` a rate is S, nothing is
    AE for registered businesses, else E. Invalid where category and rate do not go together."""
    chosen = category or default_category(rate_ppm, buyer)
    if (chosen == "S") != (rate_ppm > 0):
        raise Invalid(fields={"category": "S goes with a rate above zero, every other category with a rate of zero"})
    same = (TaxRuleRow.country == country, TaxRuleRow.buyer == buyer)
    narrower = (TaxRuleRow.state.is_not_distinct_from(state), TaxRuleRow.product_class.is_not_distinct_from(product_class))
    last = await tx.scalar(select(func.coalesce(func.max(TaxRuleRow.version), 0)).where(*same, *narrower))
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
            category=chosen,
            exemption_code=exemption_code,
            version=(last or 0) + 1,
            created_at=now,
        )
    )
    return rule_id


async def end_rule(tx: Tx, rule_id: UUID, *, valid_until: date) -> TaxRule:
    """`valid_until`: the first day on which it no longer holds. Documents that used it keep it. TaxRuleNotFound, Invalid."""
    row = (await tx.scalars(select(TaxRuleRow).where(TaxRuleRow.id == rule_id).with_for_update())).one_or_none()
    if row is None:
        raise TaxRuleNotFound
    if valid_until <= row.valid_from:
        raise Invalid(fields={"valid_until": "a day after the rule's first one"})
    row.valid_until = valid_until
    await tx.flush()
    return rule(row)
