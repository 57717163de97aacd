"""The VAT book: each document's parts by country, scheme and rate, once; the threshold's sum moves with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from nextbill.capabilities.tax.commands.tasks import open_task
from nextbill.capabilities.tax.models import SaleRow
from nextbill.capabilities.tax.queries.policies import policy_on
from nextbill.capabilities.tax.queries.threshold import threshold_of
from nextbill.capabilities.tax.rules import Policy
from nextbill.capabilities.tax.rules.lines import PPM, at_home
from nextbill.capabilities.tax.rules.treatment import Scheme
from nextbill.capabilities.tax.rules.union import MEMBERS
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx

OPENING = "tax.opening"


@dataclass(frozen=True, slots=True)
class Part:
    """What of a document one country taxes at one rate; below zero on a credit note."""

    scheme: Scheme
    place: str | None
    category: str
    rate_ppm: int
    net: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class SoldDocument:
    """`buyer_country` as taxed: Monaco is FR. `member`: within the Union's VAT territory. `tax_id_state`: what the id was worth when it was sold."""

    type: str
    id: UUID
    number: str | None
    on: date
    customer_id: UUID
    buyer_country: str
    member: bool
    tax_id: str | None
    tax_id_state: str


async def book_sale(tx: Tx, *, document: SoldDocument, parts: Sequence[Part], home_rate_ppm: int | None, now: datetime) -> bool:
    """False where the document is in the book already, or the shop has no policy and so keeps none.

    `home_rate_ppm`: home units for a million units of the document's currency; None where it is the home currency. A sale at the seller's rate that
    came after the threshold had been crossed opens a task: its customer was promised a total before."""
    policy = await policy_on(tx, document.on)
    known = select(SaleRow.id).where(SaleRow.document_type == document.type, SaleRow.document_id == document.id).limit(1)
    if policy is None or await tx.scalar(known) is not None:
        return False
    for part in parts:
        after = await _book(tx, document, part, policy=policy, home_rate_ppm=home_rate_ppm, now=now)
        if part.scheme == "home" and after is not None and part.net.minor > 0 and await _was_past(tx, document, policy):
            detail = {"number": document.number, "buyer_country": document.buyer_country, "sum_minor": after, "limit_minor": policy.threshold_minor}
            subject: dict[str, Any] = {"subject_type": document.type, "subject_id": document.id}
            await open_task(tx, kind="wrong_place", customer_id=document.customer_id, **subject, detail=detail, now=now)
    return True


async def open_threshold(tx: Tx, *, year: int, amount: Money, seller_country: str, entry_id: UUID, now: datetime) -> None:
    """What had been sold to consumers in other member states before this product kept the book: a year's opening sum, in home currency."""
    values = {"document_type": OPENING, "document_id": entry_id, "on_day": date(year, 1, 1), "buyer_country": seller_country, "place": None}
    kind = {"scheme": "home", "category": "S", "rate_ppm": 0, "home_rate_ppm": PPM, "tax_id_state": "none", "counts": True, "at": now}
    money = {"currency": amount.currency, "net_minor": amount.minor, "tax_minor": 0}
    await tx.execute(insert(SaleRow).values(id=new_id(), **values, **kind, **money, **{f"home_{name}": value for name, value in money.items()}))


async def _book(tx: Tx, document: SoldDocument, part: Part, *, policy: Policy, home_rate_ppm: int | None, now: datetime) -> int | None:
    rate = home_rate_ppm or PPM
    home_net, home_tax = (at_home(amount, home=policy.home_currency, rate_ppm=rate).minor for amount in (part.net, part.tax))
    abroad = document.member and document.buyer_country != policy.seller_country and policy.seller_country in MEMBERS
    row = await tx.scalars(
        insert(SaleRow)
        .values(
            id=new_id(),
            customer_id=document.customer_id,
            document_type=document.type,
            document_id=document.id,
            document_number=document.number,
            on_day=document.on,
            buyer_country=document.buyer_country,
            place=part.place,
            scheme=part.scheme,
            category=part.category,
            rate_ppm=part.rate_ppm,
            currency=part.net.currency,
            net_minor=part.net.minor,
            tax_minor=part.tax.minor,
            home_currency=policy.home_currency,
            home_net_minor=home_net,
            home_tax_minor=home_tax,
            home_rate_ppm=rate,
            tax_id=document.tax_id,
            tax_id_state=document.tax_id_state,
            counts=abroad and part.scheme in ("home", "destination", "small_business"),
            at=now,
        )
        .returning(SaleRow)
    )
    return row.one().after_minor


async def _was_past(tx: Tx, document: SoldDocument, policy: Policy) -> bool:
    return policy.oss == "auto" and (await threshold_of(tx, document.on, policy)).past(None, policy.home_currency)
