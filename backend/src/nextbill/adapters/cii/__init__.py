"""The UN/CEFACT Cross Industry Invoice by EN 16931, behind invoicing's port `EInvoiceWriter`. What Factur-X and ZUGFeRD carry inside a PDF."""

from nextbill.adapters.cii.writer import CrossIndustryInvoice

__all__ = ["CrossIndustryInvoice"]
