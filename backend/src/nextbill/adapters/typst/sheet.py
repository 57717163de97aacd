"""What the template is given: everything as text, in the order in which it is printed. Layout is the template's, words and amounts are decided here."""

from __future__ import annotations

import re
from typing import Any, Final, TypedDict

import babel
import segno

from nextbill.adapters.typst.words import Tongue
from nextbill.capabilities.invoicing.ports import Buyer, Letterhead, Seller

_QUIET: Final = 2
"""Light modules around the code."""
_DARK: Final = re.compile(b"\x01+")


class Column(TypedDict):
    """`number`: to the right, digits of one width. `wide`: takes what space is left."""

    title: str
    number: bool
    wide: bool


class Row(TypedDict):
    """`notes` stand small below the first wide cell; `sum` is carried over to the next page where one follows."""

    cells: list[str]
    notes: list[str]
    sum: str


class Payment(TypedDict):
    heading: str
    lines: list[str]
    link: str | None
    code: str | None


class Sheet(TypedDict):
    title: str
    number: str
    buyer_label: str
    buyer: list[str]
    seller: list[str]
    facts: list[list[str]]
    columns: list[Column]
    rows: list[Row]
    totals: list[list[str]]
    strong: list[int]
    tax_columns: list[str]
    taxes: list[list[str]]
    paragraphs: list[str]
    payment: Payment | None


def column(title: str, *, number: bool = False, wide: bool = False) -> Column:
    return {"title": title, "number": number, "wide": wide}


def blank(tongue: Tongue, *, title: str, number: str, seller: Seller, buyer: Buyer, letterhead: Letterhead) -> Sheet:
    """With both parties, and nothing else."""
    return {
        "title": tongue.say("titles", title),
        "number": number,
        "buyer_label": tongue.say("parties", "buyer"),
        "buyer": _present([buyer.company, buyer.name, buyer.address_line_1, buyer.address_line_2, _place(buyer), country(tongue, buyer.country)]),
        "seller": _present(
            [
                seller.name,
                seller.address,
                seller.email,
                tongue.say("parties", "tax_id", tax_id=seller.tax_id) if seller.tax_id else None,
                tongue.say("parties", "registration", registration=letterhead.registration) if letterhead.registration else None,
            ]
        ),
        "facts": [],
        "columns": [],
        "rows": [],
        "totals": [],
        "strong": [],
        "tax_columns": [],
        "taxes": [],
        "paragraphs": [],
        "payment": None,
    }


def frame(tongue: Tongue, letterhead: Letterhead) -> dict[str, Any]:
    """What is the same on all documents of the house in one language."""
    return {
        "language": tongue.language,
        "size": {"A4": "a4", "Letter": "us-letter"}[letterhead.size],
        "accent": letterhead.accent_color,
        "footer": letterhead.footer,
        "page": tongue.plain("page").replace("{page}", "\n").replace("{pages}", "\n").split("\n"),
        "carried": tongue.plain("carried"),
        "brought": tongue.plain("brought"),
    }


def qr_code(link: str) -> str:
    """As SVG, a stroke for each run of dark modules. Error correction M still reads where a printer has smeared a seventh of it; to try all
    eight masks for the prettiest takes 7 ms, and the library's own way to SVG twice as long as this."""
    rows = segno.make(link, error="m", micro=False, mask=3).matrix
    side = len(rows) + 2 * _QUIET
    strokes = "".join(f"M{run.start() + _QUIET} {y}.5h{run.end() - run.start()}" for y, row in enumerate(rows, _QUIET) for run in _DARK.finditer(row))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path stroke="#000" d="{strokes}"/></svg>'


def country(tongue: Tongue, code: str) -> str:
    found = babel.Locale.parse(tongue.locale).territories.get(code)
    return str(found or code)


def _place(buyer: Buyer) -> str:
    """As most countries write it: code, city, state."""
    return " ".join(part for part in (buyer.postal_code, buyer.city, buyer.state) if part)


def _present(lines: list[str | None]) -> list[str]:
    return [line for line in lines if line]
