"""What must always hold in tax."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, extract, func, select

from nextbill.capabilities.tax.models import IdCheckRow, SaleRow, TaxIdRow, ThresholdRow
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import Invariant


async def _threshold(tx: ReadTx, _now: datetime) -> list[str]:
    year = extract("year", SaleRow.on_day).cast(Integer).label("year")
    sums = select(year, func.sum(SaleRow.home_net_minor).label("total")).where(SaleRow.counts).group_by(year).subquery()
    wrong = func.coalesce(ThresholdRow.total_minor, 0) != func.coalesce(sums.c.total, 0)
    statement = select(func.coalesce(ThresholdRow.year, sums.c.year), ThresholdRow.total_minor, sums.c.total)
    rows = await tx.execute(statement.select_from(ThresholdRow).join(sums, sums.c.year == ThresholdRow.year, full=True).where(wrong))
    return [f"the threshold of {year} stands at {total or 0}, its sales add up to {sold or 0}" for year, total, sold in rows]


async def _proven(tx: ReadTx, _now: datetime) -> list[str]:
    """Valid is what a register said, not what a hand wrote."""
    check = select(IdCheckRow.id).where(
        IdCheckRow.customer_id == TaxIdRow.customer_id, IdCheckRow.tax_id == TaxIdRow.tax_id, IdCheckRow.outcome == "valid"
    )
    rows = await tx.execute(select(TaxIdRow.customer_id).where(TaxIdRow.state == "valid", ~check.exists()))
    return [f"the tax id of customer {customer_id} is called valid without an answer that says so" for customer_id in rows.scalars()]


async def _untaxed(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(
        select(SaleRow.document_number).where(SaleRow.scheme == "reverse_charge", (SaleRow.tax_id.is_(None)) | (SaleRow.tax_id_state != "valid"))
    )
    return [f"{number} leaves the VAT to a buyer whose tax id was not proven" for number in rows.scalars()]


INVARIANTS = (
    Invariant("vat_threshold_is_sum_of_sales", "The threshold's counter is the sum of the supplies that count towards it", _threshold),
    Invariant("tax_id_proven", "A tax id is valid only where the register said so", _proven),
    Invariant("reverse_charge_has_proof", "No VAT is left to a buyer without a proven tax id", _untaxed),
)
