"""How much tax a line bears, and why."""

from nextbill.capabilities.tax.commands import add_rule
from nextbill.capabilities.tax.queries import assess
from nextbill.capabilities.tax.rules import BuyerKind, TaxableLine, TaxCategory, TaxedLine

__all__ = ["BuyerKind", "TaxCategory", "TaxableLine", "TaxedLine", "add_rule", "assess"]
