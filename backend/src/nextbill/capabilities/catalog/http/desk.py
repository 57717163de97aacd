"""What all of staff's routes of the catalog share: who may, which version was read, amounts and codes that come in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from nextbill.capabilities import identity
from nextbill.capabilities.catalog.commands.edits import Edit
from nextbill.capabilities.catalog.errors import CatalogNotFound
from nextbill.capabilities.catalog.http.shapes import CycleBody
from nextbill.capabilities.catalog.queries.staff import PriceVersion
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, MoneyError
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.shapes import MINOR_MAX, Body, MoneyBody

Reader = Annotated[Caller, Depends(needs("catalog.read"))]
Editor = Annotated[Caller, Depends(needs("catalog.manage"))]
IfMatch = Annotated[str | None, Header(description='The ETag that was read, such as "3": refused with 412 if it is another by now')]
Reason = Annotated[
    str | None, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$"), Field(examples=["new season"])
]
AskedReason = Annotated[str | None, Query(min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$"), Field(examples=["professional"])]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Limits = Annotated[dict[Word, Count | None], Field(max_length=50, examples=[{"accounts": 5, "emails": None}])]
Features = Annotated[list[Word], Field(max_length=50, examples=[["free_ssl"]])]
READING = (NotAuthenticated, NotPermitted, CatalogNotFound, Invalid)
EDITING = (*READING, identity.VersionOutdated)


class Amount(Body):
    """Not below zero. Integer minor units by the currency's ISO 4217 exponent."""

    amount: int = Field(strict=True, ge=0, le=MINOR_MAX // 1_000_000, examples=[9900])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])

    def money(self, field: str) -> Money:
        try:
            return Money(self.amount, self.currency)
        except MoneyError as error:
            raise Invalid(fields={f"{field}.currency": "not a currency: three letters by ISO 4217"}) from error


class PriceVersionBody(BaseModel):
    """One version of a price: in force from `valid_from` until a younger one is. `setup_fee` of plans; `value`: the code, of options; `operation` and `years` of
    endings.

    `margin_ppm`: what is left of the price after the cost, in parts per million; null without a cost, or with one in another currency."""

    id: str
    cycle: CycleBody | None
    operation: str | None
    years: int | None
    value: str | None
    price: MoneyBody
    setup_fee: MoneyBody | None
    cost: MoneyBody | None
    margin: MoneyBody | None
    margin_ppm: int | None
    version: int
    valid_from: date

    @classmethod
    def of(cls, price: PriceVersion) -> PriceVersionBody:
        margin = price.price - price.cost if price.cost and price.cost.currency == price.price.currency else None
        return cls(
            id=str(price.id),
            cycle=None if price.operation else CycleBody.of(price.cycle),
            operation=price.operation,
            years=price.years,
            value=price.value,
            price=MoneyBody.of(price.price),
            setup_fee=MoneyBody.of(price.setup) if price.setup else None,
            cost=MoneyBody.of(price.cost) if price.cost else None,
            margin=MoneyBody.of(margin) if margin else None,
            margin_ppm=margin.minor * 1_000_000 // price.price.minor if margin and price.price else None,
            version=price.version,
            valid_from=price.valid_from,
        )


def edit(caller: Caller, reason: str | None, if_match: str | None = None) -> Edit:
    return Edit(f"staff:{caller.login_id}", reason, _version(if_match))


def tag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'


def sent(body: Body, *, without: tuple[str, ...] = ("reason",)) -> dict[str, Any]:
    """The fields that were in the request: what is left out stays as it is."""
    return {name: getattr(body, name) for name in body.model_fields_set if name not in without}


def _version(if_match: str | None) -> int | None:
    """None where any version will do. What is no version of ours matches none."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
