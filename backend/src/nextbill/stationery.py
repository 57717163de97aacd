"""What the house's documents are written with: enough for a sample of them, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nextbill.adapters.cii import CrossIndustryInvoice
from nextbill.adapters.typst import TypstPress
from nextbill.capabilities import invoicing
from nextbill.capabilities.invoicing.ports import Letterhead, NotExpressible
from nextbill.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Stationery:
    """`close` its press in the end."""

    seller: invoicing.Seller
    press: TypstPress
    e_invoices: CrossIndustryInvoice

    @classmethod
    def of(cls, settings: Settings) -> Stationery:
        letterhead = letterhead_of(settings)
        return cls(seller_of(settings), TypstPress(letterhead, fonts=settings.document_fonts, workers=1), CrossIndustryInvoice(letterhead))

    def sample(self, number: str, *, language: str, currency: str, on: date) -> tuple[bytes, str | None]:
        """A PDF with its e-invoice inside, or without one and why."""
        bill = invoicing.sample_bill(self.seller, number=number, language=language, currency=currency, on=on)
        try:
            e_invoice = self.e_invoices.write(bill)
        except NotExpressible as refusal:
            return self.press.write_now(bill), str(refusal)
        return self.press.write_now(bill, e_invoice), None


def letterhead_of(settings: Settings) -> Letterhead:
    return Letterhead(
        size=settings.document_paper,
        accent_color=settings.company_accent_color,
        registration=settings.company_registration,
        iban=settings.company_iban,
        bic=settings.company_bic,
        footer=settings.document_footer,
        logo=settings.document_logo.read_bytes() if settings.document_logo else None,
    )


def seller_of(settings: Settings) -> invoicing.Seller:
    return invoicing.Seller(
        settings.company_name, settings.company_address, settings.company_country, settings.company_email, settings.company_tax_id
    )
