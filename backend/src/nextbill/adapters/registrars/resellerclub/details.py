"""What the vendor tells of an order, and its amounts and moments as ours."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import Any, Final

from nextbill.adapters.registrars.resellerclub.answers import read_field
from nextbill.adapters.registrars.resellerclub.client import Client
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.money import Money, exponent

_OPTIONS: Final = ("OrderDetails", "StatusDetails", "NsDetails")


async def details_of(api: Client, name: str) -> Any:
    """VendorRejected("not_ours") where it is not in our account."""
    options = [("options", option) for option in _OPTIONS]
    return await api.read("domains/details-by-name", [("domain-name", DomainName.parse(name).ascii), *options])


def paid_by(receipt: Any, currency: str) -> Money | None:
    """What a charge took, where its receipt tells."""
    cost = read_field(receipt, "sellingamount", parse_amount)
    return None if cost is None else rounded(abs(cost), currency, rounding=ROUND_UP)


def parse_amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def rounded(amount: Decimal, currency: str, *, rounding: str) -> Money:
    """The vendor prints three places and more."""
    return Money.parse(str(amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding)), currency)


def parse_moment(text: str) -> datetime | None:
    """Epoch seconds."""
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else None
