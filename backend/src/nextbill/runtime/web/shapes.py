"""Shapes that many answers share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nextbill.kernel.money import Money

MINOR_MAX = 2**63 - 1


class Body(BaseModel):
    """Base of what comes in: unknown fields are refused by name, so that a typo never passes in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        """No column takes a NUL character, wherever in the body it stands."""
        if _has_nul(value):
            raise ValueError("a text holds a NUL character, which cannot be stored")
        return value


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(name) or _has_nul(inner) for name, inner in value.items())
    return isinstance(value, list) and any(_has_nul(inner) for inner in value)


class MoneyBody(BaseModel):
    """Integer minor units by the currency's ISO 4217 exponent."""

    amount: int = Field(strict=True, ge=-MINOR_MAX, le=MINOR_MAX, examples=[9900])
    currency: str = Field(examples=["USD"])

    @classmethod
    def of(cls, money: Money) -> MoneyBody:
        return cls(amount=money.minor, currency=money.currency)
