"""The VAT territory of the European Union: who belongs to it, what does not although its country does, and how tax ids are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from stdnum.eu import vat as eu_vat

MEMBERS: Final = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
_PREFIXES: Final = {"GR": "EL"}
_PARTS_OF: Final = {"MC": "FR", "IM": "GB"}
"""Treated as the other one: Monaco as France, the Isle of Man as the United Kingdom (Directive 2006/112/EC, Article 7)."""

# Country → pattern of postal codes → what the place is. None: outside the Union's VAT territory (Article 6); a text: a region with rates of its own.
_REGIONS_TEXT: Final = """
AT 6691 AT-JM
AT 699[123] AT-JM
DE 78266 -
DE 27498 -
ES (35|38)\\d{3} -
ES 5[12]\\d{3} -
FI 22\\d{3} -
FR 97[1-8]\\d{2} -
FR 98[678]\\d{2} -
GR 630 ?86 -
IT 2304[1] -
IT 22061 -
PT 9[0-4]\\d{2}-?\\d{3} PT-30
PT 9[5-9]\\d{2}-?\\d{3} PT-20
"""
_REGIONS: Final = [line.split() for line in re.sub(r"(?<=\d) \?", "_?", _REGIONS_TEXT).strip().splitlines()]
"""Jungholz and Mittelberg, Büsingen, Heligoland, the Canary Islands, Ceuta and Melilla, Åland, the French overseas departments and
territories, Mount Athos, Livigno, Campione d'Italia, Madeira, the Azores."""


@dataclass(frozen=True, slots=True)
class Territory:
    """`country` as taxed; `member`: within the Union's VAT territory; `region`: the state of rules with rates of their own."""

    country: str
    member: bool
    region: str | None = None


@lru_cache(4096)
def territory(country: str, postal_code: str | None) -> Territory:
    """`country` is ISO 3166. Without a postal code a special territory is not recognised. Northern Ireland is outside for services, so it is GB."""
    whole = _PARTS_OF.get(country, country)
    if whole not in MEMBERS:
        return Territory(whole, member=False)
    code = "".join((postal_code or "").upper().split())
    for listed, pattern, region in _REGIONS:
        if listed == whole and re.fullmatch(pattern.replace("_", " "), code):
            return Territory(whole, member=region != "-", region=None if region == "-" else region)
    return Territory(whole, member=True)


@dataclass(frozen=True, slots=True)
class UnionId:
    """A VAT id whose form is right, as VIES is asked for it. `prefix` is EL for Greece and XI for Northern Ireland."""

    prefix: str
    number: str

    @property
    def country(self) -> str:
        return {"EL": "GR", "XI": "GB"}.get(self.prefix, self.prefix)

    def __str__(self) -> str:
        return f"{self.prefix}{self.number}"


def union_id(tax_id: str, country: str) -> UnionId | None:
    """The id by its own prefix, else by the country; None where it is none of the Union's or its form is wrong."""
    compact = "".join(tax_id.upper().split())
    own = "XI" if country == "GB" and compact.startswith("XI") else _PREFIXES.get(country, country)
    candidates = [compact] if re.match("[A-Z]{2}", compact) else []
    if country in MEMBERS:
        candidates.append(f"{own}{compact}")
    for candidate in candidates:
        if eu_vat.is_valid(candidate):
            normal = str(eu_vat.validate(candidate))
            prefix = _PREFIXES.get(normal[:2], normal[:2])
            return UnionId(prefix, normal[2:])
    return None
