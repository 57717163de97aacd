"""Standard rates of VAT of the Union's member states, with the days from which they hold: what a new shop starts with.

Source: the member states' own laws as collected in the Commission's database of taxes. A rate that changes later is entered by staff:
the old rule is ended, the new one added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Rate:
    country: str
    region: str | None
    rate_ppm: int
    valid_from: date
    valid_until: date | None

    @property
    def name(self) -> str:
        percent = f"{self.rate_ppm / 10_000:g}"
        return f"VAT {percent} % ({self.region or self.country})"


# country or region, percent, from, until (first day on which it no longer holds)
_RATES_TEXT = """
AT 20 1984-01-01
AT-JM 19 1984-01-01
BE 21 1996-01-01
BG 20 1999-01-01
CY 19 2014-01-13
CZ 21 2013-01-01
DE 19 2021-01-01
DK 25 1992-01-01
EE 22 2024-01-01 2025-07-01
EE 24 2025-07-01
ES 21 2012-09-01
FI 24 2013-01-01 2024-09-01
FI 25.5 2024-09-01
FR 20 2014-01-01
GR 24 2016-06-01
HR 25 2012-03-01
HU 27 2012-01-01
IE 23 2021-03-01
IT 22 2013-10-01
LT 21 2009-09-01
LU 17 2024-01-01
LV 21 2012-07-01
MT 18 2004-01-01
NL 21 2012-10-01
PL 23 2011-01-01
PT 23 2011-01-01
PT-20 16 2021-07-01
PT-30 22 2012-04-01
RO 19 2017-01-01 2025-08-01
RO 21 2025-08-01
SE 25 1990-07-01
SI 22 2013-07-01
SK 20 2011-01-01 2025-01-01
SK 23 2025-01-01
"""


def _read(line: str) -> Rate:
    where, percent, *days = line.split()
    whole, _, tenth = percent.partition(".")
    until = date.fromisoformat(days[1]) if len(days) > 1 else None
    rate_ppm = int(whole) * 10_000 + int(tenth or "0") * 1_000
    return Rate(where[:2], where if "-" in where else None, rate_ppm, date.fromisoformat(days[0]), until)


STANDARD_RATES: Final = tuple(_read(line) for line in _RATES_TEXT.strip().splitlines())
