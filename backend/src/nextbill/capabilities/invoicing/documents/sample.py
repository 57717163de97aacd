"""An invoice that nobody owes: for a look at the letterhead before the first sale, and for measuring what writing one costs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from nextbill.capabilities.invoicing.ports import Bill, BillLine, Buyer, Seller, TaxGroup
from nextbill.kernel.money import Money, Rounding, total
from nextbill.kernel.period import Period

_SOLD: Final = (
    ("Professional hosting, 1 year", 1, 11988, 1200),
    ("example.com, registration for 1 year", 1, 1499, 0),
    ("Support by the hour", 3, 4500, 0),
)
"""Description, quantity, price of one and discount in hundredths."""
_RATE_PPM: Final = 200_000
_YEAR: Final = timedelta(days=365)


def sample_bill(seller: Seller, *, number: str, language: str, currency: str, on: date) -> Bill:
    """Three lines at one rate of VAT; outside VAT where the seller has no tax id, since an e-invoice with VAT needs one."""
    category, rate = ("S", _RATE_PPM) if seller.tax_id else ("O", 0)
    lines = tuple(_line(position, sold, currency, category=category, rate=rate, on=on) for position, sold in enumerate(_SOLD, 1))
    net = total([line.net for line in lines], currency)
    tax = net.share(rate, 1_000_000, Rounding.HALF_UP)
    return Bill(
        kind="invoice",
        number=number,
        language=language,
        issued_on=on,
        due_on=on + timedelta(days=14),
        seller=seller,
        buyer=Buyer(
            "Ada Lovelace", "ada@example.com", "business", seller.country, "Analytical Engines", None, "12 Example Road", "Exampletown", "12345"
        ),
        lines=lines,
        taxes=(TaxGroup(category, rate, net, tax, "VAT" if rate else "Not subject to VAT", None if rate else "VATEX-EU-O"),),
        net=net,
        tax=tax,
        total=net + tax,
        paid=Money.zero(currency),
        payment_link="https://portal.example.com/pay/this-is-a-sample",
        notes="This is a sample. Nothing was sold, and nothing is to be paid.",
    )


def _line(position: int, sold: tuple[str, int, int, int], currency: str, *, category: str, rate: int, on: date) -> BillLine:
    description, quantity, unit, off = sold
    price, discount = Money(unit, currency), Money(off, currency)
    period = Period(on, on + _YEAR) if position == 1 else None
    note = "Coupon SAMPLE" if off else None
    return BillLine(position, description, quantity, price, price * quantity - discount, discount, category, rate, note, period)
