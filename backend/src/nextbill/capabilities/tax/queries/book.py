"""What the VAT book says: the one-stop shop's return, supplies by reverse charge, what was sold while a tax id was not known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from nextbill.capabilities.tax.models import SaleRow
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import ReadTx

_UNPROVEN = ("pending", "unavailable", "stale")


@dataclass(frozen=True, slots=True)
class Quarter:
    year: int
    number: int

    @property
    def start(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """The first day after it."""
        return date(self.year + 1, 1, 1) if self.number == 4 else date(self.year, 3 * self.number + 1, 1)


def quarter(text: str) -> Quarter:
    """`2026-Q4`. Invalid."""
    found = re.fullmatch(r"(\d{4})-Q([1-4])", text)
    if found is None or found[1] == "0000":
        raise Invalid(fields={"quarter": "a year and a quarter such as 2026-Q4"})
    return Quarter(int(found[1]), int(found[2]))


async def booked_at(tx: ReadTx, *, document_type: str, document_id: UUID, home: str) -> int | None:
    """The exchange rate at which the document is in the book; None where it is not, or in another home currency."""
    same = (SaleRow.document_type == document_type, SaleRow.document_id == document_id, SaleRow.home_currency == home)
    return (await tx.scalars(select(SaleRow.home_rate_ppm).where(*same).limit(1))).one_or_none()


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One country and rate; `documents` counts invoices and credit notes. Amounts are minor units of the home currency."""

    country: str
    rate_ppm: int
    net_minor: int
    tax_minor: int
    home_currency: str
    documents: int


@dataclass(frozen=True, slots=True)
class ReverseCharge:
    """One buyer's id, for the recapitulative statement."""

    tax_id: str | None
    country: str
    net_minor: int
    home_currency: str
    documents: int


@dataclass(frozen=True, slots=True)
class Unproven:
    """A document that bore VAT only because the register had not answered for the buyer's id."""

    document_type: str
    document_id: UUID
    document_number: str | None


async def oss_return(tx: ReadTx, period: Quarter) -> list[ReturnLine]:
    """Supplies taxed where consumers are, by country and rate: what is reported to the one-stop shop. Credit notes count where they are issued."""
    statement = (
        select(
            SaleRow.place,
            SaleRow.rate_ppm,
            func.sum(SaleRow.home_net_minor),
            func.sum(SaleRow.home_tax_minor),
            SaleRow.home_currency,
            func.count(SaleRow.document_id.distinct()),
        )
        .where(SaleRow.scheme == "destination", SaleRow.on_day >= period.start, SaleRow.on_day < period.end)
        .group_by(SaleRow.place, SaleRow.rate_ppm, SaleRow.home_currency)
        .order_by(SaleRow.place, SaleRow.rate_ppm)
    )
    rows = await tx.execute(statement)
    return [ReturnLine(country or "", rate, int(net), int(tax), home, int(count)) for country, rate, net, tax, home, count in rows]


async def reverse_charges(tx: ReadTx, period: Quarter) -> list[ReverseCharge]:
    """Supplies to businesses in other member states, by their ids."""
    statement = (
        select(
            SaleRow.tax_id, SaleRow.buyer_country, func.sum(SaleRow.home_net_minor), SaleRow.home_currency, func.count(SaleRow.document_id.distinct())
        )
        .where(SaleRow.scheme == "reverse_charge", SaleRow.on_day >= period.start, SaleRow.on_day < period.end)
        .group_by(SaleRow.tax_id, SaleRow.buyer_country, SaleRow.home_currency)
        .order_by(SaleRow.tax_id)
    )
    return [ReverseCharge(tax_id, country, int(net), home, int(count)) for tax_id, country, net, home, count in await tx.execute(statement)]


async def sold_unproven(tx: ReadTx, customer_id: UUID, *, tax_id: str, document_type: str, since: datetime) -> Sequence[Unproven]:
    """What was charged VAT since then while this id waited for its answer, to a buyer in another member state."""
    statement = (
        select(SaleRow.document_type, SaleRow.document_id, SaleRow.document_number)
        .where(
            SaleRow.customer_id == customer_id,
            SaleRow.document_type == document_type,
            SaleRow.tax_id == tax_id,
            SaleRow.tax_id_state.in_(_UNPROVEN),
            SaleRow.scheme.in_(("home", "destination", "small_business")),
            SaleRow.at >= since,
        )
        .distinct()
        .order_by(SaleRow.document_id)
    )
    return [Unproven(*row) for row in await tx.execute(statement)]
