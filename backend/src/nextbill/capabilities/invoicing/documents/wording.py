"""Lines of documents in a language. What staff wrote by hand stays as it is."""

from __future__ import annotations

from typing import Final

from nextbill.capabilities import tax
from nextbill.capabilities.invoicing.queries import CreditNote, CreditNoteLine, Line
from nextbill.runtime import words

PART: Final = "part"
"""In a line's details: of what kind it is. Whoever describes a line by itself says so there."""


def described(line: Line | CreditNoteLine, language: str) -> str:
    return words.line(line.description, language) if PART in line.details else line.description


def why_less(line: Line | CreditNoteLine, language: str) -> str | None:
    """What the discount is for."""
    note = line.discount_note
    return words.line(note, language) if note and PART in line.details else note


def why_given_back(note: CreditNote, language: str) -> str:
    """The product's own reasons in the language, those of staff and customers as they wrote them."""
    return words.told(note.reason, language)


def why_taxed(line: Line | CreditNoteLine, language: str) -> str:
    """In the language where the tax kept what its words are made of; else as it was noted."""
    told = line.details.get("tax", {})
    return tax.in_words(told["reason"], told.get("params", {}), language) if "reason" in told else line.tax_note
