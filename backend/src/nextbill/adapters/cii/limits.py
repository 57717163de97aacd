"""What EN 16931 cannot say. Asked before a file is written, so that none is handed out that the buyer's program will refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from nextbill.adapters.cii.tree import fits
from nextbill.capabilities.invoicing.ports import Bill, Letterhead

VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9+*.]{2,}")
_SLACK = Decimal(1)
"""The standard's rules allow less than one whole unit between the tax and its base times the rate (BR-CO-17)."""


def problems(bill: Bill, letterhead: Letterhead) -> list[str]:
    return [*_of_amounts(bill), *_of_categories(bill), *_of_seller(bill, letterhead), *_of_buyer(bill)]


def is_vat_id(tax_id: str | None) -> bool:
    """With the country's prefix (BR-CO-09)."""
    return tax_id is not None and VAT_ID.fullmatch(tax_id) is not None


def _of_amounts(bill: Bill) -> Iterator[str]:
    amounts = [bill.net, bill.tax, bill.total, bill.paid, *(part for line in bill.lines for part in (line.net, line.discount))]
    amounts += [part for group in bill.taxes for part in (group.base, group.tax)] + ([bill.tax_home] if bill.tax_home else [])
    if not all(map(fits, amounts)):
        yield f"EN 16931 knows two decimals at most, and an amount in {bill.total.currency} has more."
    for group in bill.taxes:
        exact = group.base.decimal * group.rate_ppm / 1_000_000
        if abs(group.tax.decimal - exact) >= _SLACK:
            yield "The tax, rounded line by line, is a whole unit or more away from the tax of the sum: round the tax once an invoice."


def _of_categories(bill: Bill) -> Iterator[str]:
    categories = {group.category for group in bill.taxes}
    if "O" in categories and len(categories) > 1:
        yield "EN 16931 does not put sales outside the scope of VAT beside others on one invoice."


def _of_seller(bill: Bill, letterhead: Letterhead) -> Iterator[str]:
    categories = {group.category for group in bill.taxes}
    tax_id = bill.seller.tax_id
    if not tax_id and categories - {"O"}:
        yield "The seller's tax number is missing: set COMPANY_TAX_ID."
    elif categories & {"K", "G"} and not is_vat_id(tax_id):
        yield "The seller's VAT id with its country's prefix is missing: set COMPANY_TAX_ID."
    if not letterhead.registration and not tax_id:
        yield "Neither a tax number nor a registration number of the seller is known: set COMPANY_TAX_ID or COMPANY_REGISTRATION."


def _of_buyer(bill: Bill) -> Iterator[str]:
    if {group.category for group in bill.taxes} & {"AE", "K"} and not is_vat_id(bill.buyer.tax_id):
        yield "The buyer's VAT id is missing, which a sale without the seller's VAT needs."
