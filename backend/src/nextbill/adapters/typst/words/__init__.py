"""How a document's reader is spoken to: words, amounts and dates. Where we have no words of the language, all three are English."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import babel
import babel.dates
import babel.numbers

from nextbill.kernel.money import Money

_FOLDER = Path(__file__).parent
_SOURCE = "en"


@dataclass(frozen=True, slots=True)
class Tongue:
    language: str
    locale: str

    @classmethod
    def of(cls, tag: str) -> Tongue:
        """By a language tag such as de or de-AT."""
        language = tag.partition("-")[0].lower()
        if language not in languages():
            return cls(_SOURCE, _SOURCE)
        known = babel.Locale.parse(tag, sep="-") if _exists(tag) else babel.Locale.parse(language)
        return cls(language, str(known))

    def say(self, group: str, name: str, **values: str) -> str:
        """Words of a group; `KeyError` where there are none."""
        words: str = _catalog(self.language)[group][name]
        return words.format_map(values) if values else words

    def has(self, group: str, name: str) -> bool:
        return name in _catalog(self.language)[group]

    def plain(self, name: str) -> str:
        """Words that are of no group, with their braces."""
        words: str = _catalog(self.language)[name]
        return words

    def group(self, group: str, *names: str) -> list[str]:
        return [self.say(group, name) for name in names]

    def money(self, amount: Money) -> str:
        return _money(amount, self.locale)

    def day(self, day: date) -> str:
        return _day(day, self.locale)

    def percent(self, ppm: int) -> str:
        return babel.numbers.format_decimal(Decimal(ppm) / 10_000, locale=self.locale, decimal_quantization=False)

    def count(self, number: int) -> str:
        return babel.numbers.format_decimal(number, locale=self.locale)


@lru_cache(maxsize=4096)
def _money(amount: Money, locale: str) -> str:
    """Long invoices say the same prices and days again and again, and each costs 50 microseconds."""
    return amount.format(locale)


@lru_cache(maxsize=1024)
def _day(day: date, locale: str) -> str:
    return babel.dates.format_date(day, "medium", locale=locale)


@cache
def languages() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def _catalog(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def _exists(tag: str) -> bool:
    return babel.localedata.exists(tag.replace("-", "_"))
