"""Papers for the writers of documents, adding up as invoicing makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from nextbill.capabilities.invoicing.ports import Bill, BillLine, Buyer, Letterhead, Seller, TaxGroup
from nextbill.kernel.money import Money, Rounding, total
from nextbill.kernel.period import Period

DAY = date(2026, 11, 21)
SELLER = Seller("Example Hosting GmbH", "1 Example Street, 10115 Berlin, DE", "DE", "billing@example.com", "DE136695976")
BUYER = Buyer(
    name="Ada Lovelace",
    email="ada@example.com",
    status="business",
    country="FR",
    company="Analytical Engines SARL",
    tax_id="FR40303265045",
    address_line_1="12 rue de l’Été",
    city="Paris",
    postal_code="75001",
)
LETTERHEAD = Letterhead(
    registration="HRB 12345 B, Amtsgericht Charlottenburg",
    iban="DE89370400440532013000",
    bic="COBADEFFXXX",
    footer="Example Hosting GmbH · Managing director Ada Example · billing@example.com",
)
LINK = "https://portal.example.com/pay/AZqg5mC4f3yS0o2yJm7d8QBpc5aVnVb8mW0h"
REASONS = {
    "S": "VAT",
    "Z": "Zero rate",
    "E": "Exempt: small business",
    "AE": "Reverse charge: the recipient owes the tax",
    "K": "Tax-free supply within the Union",
    "G": "Export outside the EU",
    "O": "Not subject to VAT",
}
CODES = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}


@dataclass(frozen=True)
class Sold:
    """`unit` in minor units, `rate` in percent."""

    unit: int = 1299
    quantity: int = 1
    discount: int = 0
    category: str = "S"
    rate: float = 19
    description: str = "Professional hosting, 1 month"
    period: Period | None = None

    @property
    def ppm(self) -> int:
        return round(self.rate * 10_000)


def bill(*sold: Sold, currency: str = "EUR", paid: bool = False, **changes: Any) -> Bill:
    """An invoice of what was sold, taxed by group; a line of hosting where nothing is named."""
    lines = tuple(_line(one, position, currency) for position, one in enumerate(sold or (Sold(),), 1))
    taxes = groups(lines)
    net, tax = total([line.net for line in lines], currency), total([group.tax for group in taxes], currency)
    values: dict[str, Any] = {
        "kind": "invoice",
        "number": "INV-2026-000042",
        "language": "en",
        "issued_on": DAY,
        "due_on": date(2026, 12, 5),
        "seller": SELLER,
        "buyer": BUYER,
        "lines": lines,
        "taxes": taxes,
        "net": net,
        "tax": tax,
        "total": net + tax,
        "paid": net + tax if paid else Money.zero(currency),
        "payment_link": LINK,
    }
    return Bill(**{**values, **changes})


def credit_note(*sold: Sold, **changes: Any) -> Bill:
    about = {"number": "CN-2026-000003", "reverses": "INV-2026-000042", "reversed_on": date(2026, 11, 1), "reason": "Cancelled in time"}
    return bill(*sold, **{"kind": "credit_note", "due_on": None, "payment_link": None, **about, **changes})


def groups(lines: Sequence[BillLine]) -> tuple[TaxGroup, ...]:
    keys = sorted({(line.category, line.rate_ppm) for line in lines}, key=lambda key: -key[1])
    return tuple(_group(category, ppm, [line for line in lines if (line.category, line.rate_ppm) == (category, ppm)]) for category, ppm in keys)


def many(count: int, **changes: Any) -> list[Sold]:
    """Lines as a reseller's invoice has them."""
    month = Period(DAY, date(2026, 12, 21))
    return [
        replace(
            Sold(unit=999 + place, quantity=1 + place % 3, discount=100 * (place % 4 == 0), period=month), description=f"shop-{place}.example.com"
        )
        for place in range(count)
    ]


def _line(sold: Sold, position: int, currency: str) -> BillLine:
    unit, discount = Money(sold.unit, currency), Money(sold.discount, currency)
    note = "Coupon FALL26" if sold.discount else None
    net = unit * sold.quantity - discount
    return BillLine(position, sold.description, sold.quantity, unit, net, discount, sold.category, sold.ppm, note, sold.period)


def _group(category: str, ppm: int, lines: Sequence[BillLine]) -> TaxGroup:
    base = total([line.net for line in lines], lines[0].net.currency)
    return TaxGroup(category, ppm, base, base.share(ppm, 1_000_000, Rounding.HALF_UP), REASONS[category], CODES.get(category))
