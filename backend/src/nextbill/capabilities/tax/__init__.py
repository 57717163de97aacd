"""How much tax a line bears, and why."""

from nextbill.capabilities.tax.commands import add_rule
from nextbill.capabilities.tax.queries import assess, get_rules
from nextbill.capabilities.tax.rules import PPM, BuyerKind, TaxableLine, TaxCategory, TaxedLine, TaxRule

__all__ = ["PPM", "BuyerKind", "TaxCategory", "TaxRule", "TaxableLine", "TaxedLine", "add_rule", "assess", "get_rules"]
