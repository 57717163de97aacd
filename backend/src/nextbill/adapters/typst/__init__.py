"""Documents as PDF/A by Typst, behind invoicing's port `PaperWriter`."""

from nextbill.adapters.typst.press import TypstPress, Unprintable

__all__ = ["TypstPress", "Unprintable"]
