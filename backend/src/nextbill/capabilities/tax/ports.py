"""What tax asks of the outside: a register of VAT ids, and, where a shop uses one, a provider of rates.

Errors are those of `runtime.vendors`. Both are only asked, so a call may always be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from nextbill.capabilities.tax.rules.union import UnionId

__all__ = ["Answer", "IdAnswer", "IdRegister", "Question", "TaxProvider", "UnionId"]


@dataclass(frozen=True, slots=True)
class IdAnswer:
    """`request_identifier`: the register's reference, given where we said who asks. Name and address where the member state tells them."""

    valid: bool
    request_identifier: str | None = None
    name: str | None = None
    address: str | None = None


class IdRegister(Protocol):
    async def check(self, tax_id: UnionId, *, requester: UnionId | None) -> IdAnswer:
        """VendorUnavailable where the register or the member state does not answer: that says nothing about the id.
        VendorRejected where it refuses the question itself."""
        ...

    async def is_up(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What do these classes of products bear at a place? `country` is ISO 3166, `state` and `postal_code` "" where there is none."""

    country: str
    state: str
    postal_code: str
    product_classes: Sequence[str]
    on: date


@dataclass(frozen=True, slots=True)
class Answer:
    """`rate_ppm` 0: the class is not taxed there, or the seller has no duty there."""

    product_class: str
    rate_ppm: int
    name: str


class TaxProvider(Protocol):
    async def assess(self, question: Question) -> list[Answer]:
        """One answer for each class. VendorUnavailable, VendorRejected."""
        ...
