"""What the product says, in other languages. English stands in the code beside what it is about, and is the source; `languages/<language>.toml` has
the rest: titles by a problem's code, messages by their English with `{names}` for what varies, lines of orders and documents likewise, validation
by pydantic's type of error, pages by the English of their templates. A test finds every message in the code and asks for its words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from nextbill.kernel.money import Money, MoneyError

FOLDER = Path(__file__).with_name("languages")
SOURCE = "en"
LANGUAGES = (SOURCE, *sorted(path.stem for path in FOLDER.glob("*.toml")))
LONGEST = 400
"""Of a message that is looked up by its pattern; none of ours is half as long, and what a caller wrote into one shall cost no time."""
Section: TypeAlias = Literal["messages", "lines"]
_NAME = re.compile(r"\\\{(\w+)\\\}")
_MONEY = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")


def title(code: str, english: str, language: str) -> str:
    found: str = catalog(language).get("titles", {}).get(code, english)
    return found


def told(english: str, language: str, *, inner: bool = False) -> str:
    """The message in the language. What is not ours, such as a bank's words or staff's, stays as it is. `inner`: within another one, which goes no deeper."""
    return _found("messages", english, language, inner=inner)


def line(english: str, language: str) -> str:
    """What a price is for, or why something is taken off, as the product describes it: several such parted by "; ". `language` may be a tag such as
    de-AT; English where it is none of ours."""
    spoken = language.partition("-")[0]
    return "; ".join([_found("lines", part, spoken) for part in english.split("; ")]) if spoken in LANGUAGES else english


def _found(section: Section, english: str, language: str, *, inner: bool = False) -> str:
    known: dict[str, str] = catalog(language).get(section, {})
    if english in known or not known or len(english) > LONGEST:
        return known.get(english, english)
    for pattern, words in _patterns(section, language):
        if found := pattern.fullmatch(english):
            values = {name: _value(section, value, language, inner=inner) for name, value in found.groupdict().items()}
            return words.format_map(values)
    return english


def field(kind: str, english: str, values: Mapping[str, Any], language: str) -> str:
    """What is wrong with a field by the framework's own rules; `kind` is pydantic's type of error."""
    words: str | None = catalog(language).get("validation", {}).get(kind)
    return (
        told(english, language)
        if words is None
        else words.format_map({name: _value("messages", str(value), language, inner=True) for name, value in values.items()})
    )


def page(english: str, language: str) -> str:
    """A part of a page's template. It may hold markup and `%(names)s`."""
    found: str = catalog(language).get("pages", {}).get(english, english)
    return found


@cache
def catalog(language: str) -> dict[str, Any]:
    return {} if language == SOURCE else tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def _patterns(section: Section, language: str) -> list[tuple[re.Pattern[str], str]]:
    """Those with most words of their own first: they say more exactly what is meant."""
    found = [(english, words) for english, words in catalog(language)[section].items() if "{" in english]
    found.sort(key=lambda entry: -len(re.sub(r"\{\w+\}", "", entry[0])))
    return [(re.compile(_NAME.sub(r"(?P<\1>.+?)", re.escape(english)), re.DOTALL), words) for english, words in found]


def _value(section: Section, text: str, language: str, *, inner: bool) -> str:
    """What varies is mostly a name or a number. Amounts are written as the language writes them, choices get its "or", messages in messages their own."""
    if found := _MONEY.fullmatch(text):
        try:
            return Money.parse(found[1], found[2]).format(language)
        except MoneyError:
            return text
    if text.startswith("'"):
        return text.replace("' or '", f"' {catalog(language)['or']} '")
    return text if inner else _found(section, text, language, inner=True)
