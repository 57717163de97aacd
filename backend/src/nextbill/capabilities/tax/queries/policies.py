"""The shop's policy and its rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.tax.models import PolicyRow, TaxRuleRow
from nextbill.capabilities.tax.rules import BuyerKind, Policy, TaxCategory, TaxRule
from nextbill.capabilities.tax.rules.policy import LateProof, Oss, ProviderFailure, RoundingMode, RoundingScope
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging


async def policy_on(tx: ReadTx, on: date) -> Policy | None:
    """The last version whose day has come; None where the shop has none: then only its own rules by country apply."""
    row = await tx.scalar(select(PolicyRow).where(PolicyRow.effective_on <= on).order_by(PolicyRow.version.desc()).limit(1))
    return policy(row) if row else None


async def prices_include_tax(tx: ReadTx, on: date) -> bool:
    """Of the seller's own country: whether nothing is added to a price on show. So it is for a small business, too, which adds none."""
    found = await policy_on(tx, on)
    return found is not None and (found.small_business or found.inclusive_by_country.get(found.seller_country, found.inclusive))


async def policies(tx: ReadTx) -> list[Policy]:
    """All versions, the newest first."""
    return [policy(row) for row in await tx.scalars(select(PolicyRow).order_by(PolicyRow.version.desc()).limit(200))]


async def rules_of(tx: ReadTx, countries: Sequence[str]) -> list[TaxRule]:
    return [rule(row) for row in await tx.scalars(select(TaxRuleRow).where(TaxRuleRow.country.in_(countries)))]


async def get_rules(tx: ReadTx, ids: Collection[UUID]) -> dict[UUID, TaxRule]:
    """The rules that lines were taxed by, as they are; all but their end never changes."""
    return {row.id: rule(row) for row in await tx.scalars(select(TaxRuleRow).where(TaxRuleRow.id.in_(ids)))}


async def list_rules(tx: ReadTx, paging: Paging, *, country: str | None = None, on: date | None = None) -> list[TaxRule]:
    """`on`: only those in force on that day."""
    statement = select(TaxRuleRow)
    if country is not None:
        statement = statement.where(TaxRuleRow.country == country)
    if on is not None:
        statement = statement.where(TaxRuleRow.valid_from <= on, (TaxRuleRow.valid_until.is_(None)) | (TaxRuleRow.valid_until > on))
    return [rule(row) for row in (await tx.execute(paging.apply(statement, TaxRuleRow.id))).scalars()]


def rule(row: TaxRuleRow) -> TaxRule:
    kinds = (cast("BuyerKind", row.buyer), row.rate_ppm, row.name, row.valid_from, row.valid_until)
    return TaxRule(row.id, row.country, row.state, row.product_class, *kinds, cast("TaxCategory", row.category), row.exemption_code, row.version)


def policy(row: PolicyRow) -> Policy:
    return Policy(
        id=row.id,
        version=row.version,
        effective_on=row.effective_on,
        seller_country=row.seller_country,
        home_currency=row.home_currency,
        requester_id=row.requester_id,
        oss=cast("Oss", row.oss),
        threshold_minor=row.threshold_minor,
        small_business=row.small_business,
        small_business_notes=row.small_business_notes,
        inclusive=row.inclusive,
        inclusive_by_country=row.inclusive_by_country,
        rounding_scope=cast("RoundingScope", row.rounding_scope),
        rounding_mode=cast("RoundingMode", row.rounding_mode),
        third_country="G" if row.third_country == "G" else "O",
        recheck_days=row.recheck_days,
        late_proof=cast("LateProof", row.late_proof),
        provider_countries=tuple(row.provider_countries),
        provider_failure=cast("ProviderFailure", row.provider_failure),
    )
