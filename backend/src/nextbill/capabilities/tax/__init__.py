"""How much tax a line bears, and why."""

from nextbill.capabilities.tax.commands import add_rule
from nextbill.capabilities.tax.queries import assess
from nextbill.capabilities.tax.rules import BuyerKind, TaxableLine, TaxedLine

__all__ = ["BuyerKind", "TaxableLine", "TaxedLine", "add_rule", "assess"]
