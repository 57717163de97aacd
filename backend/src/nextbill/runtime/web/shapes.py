"""Shapes that many answers share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from nextbill.kernel.money import Money

MINOR_MAX = 2**63 - 1


class Body(BaseModel):
    """Base of what comes in: unknown fields are refused by name, so that a typo never passes in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class MoneyBody(BaseModel):
    """Integer minor units by the currency's ISO 4217 exponent."""

    amount: int = Field(strict=True, ge=-MINOR_MAX, le=MINOR_MAX, examples=[9900])
    currency: str = Field(examples=["USD"])

    @classmethod
    def of(cls, money: Money) -> MoneyBody:
        return cls(amount=money.minor, currency=money.currency)
