"""A document's lines as the VAT book wants them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from nextbill.capabilities import tax
from nextbill.kernel.money import Money, total

_BY_CATEGORY: Mapping[str, tax.Scheme] = {"AE": "reverse_charge", "O": "outside", "G": "outside"}


@dataclass(frozen=True, slots=True)
class BookedLine:
    """What the book needs to know of a line, of an invoice or of a credit note. `explained`: the line's own account of its tax."""

    net: Money
    tax: Money
    rate_ppm: int
    category: str
    explained: Mapping[str, Any]


def parts_of(lines: Iterable[BookedLine], *, seller_country: str, buyer_country: str, sign: int) -> list[tax.Part]:
    """Summed by scheme, place, category and rate. `sign` is -1 for what was credited."""
    groups: dict[tuple[tax.Scheme, str | None, str, int], list[BookedLine]] = {}
    for line in lines:
        scheme, place = _scheme(line, seller_country, buyer_country)
        groups.setdefault((scheme, place, line.category, line.rate_ppm), []).append(line)
    return [tax.Part(*key, _sum(line.net for line in group) * sign, _sum(line.tax for line in group) * sign) for key, group in groups.items()]


def _scheme(line: BookedLine, seller_country: str, buyer_country: str) -> tuple[tax.Scheme, str | None]:
    """As it was decided; a line that came without that account is taken for what its category and countries say."""
    told = line.explained.get("scheme")
    if told:
        return cast("tax.Scheme", told), line.explained.get("place")
    if not line.rate_ppm:
        return _BY_CATEGORY.get(line.category, "rules"), None
    return ("domestic" if buyer_country == seller_country else "rules"), buyer_country


def _sum(amounts: Iterable[Money]) -> Money:
    found = list(amounts)
    return total(found, found[0].currency)
