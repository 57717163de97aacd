"""TaxJar behind tax's port `TaxProvider`."""

from nextbill.adapters.taxjar.provider import TaxJar

__all__ = ["TaxJar"]
