"""Composes a mail from its words: text and HTML from the same parts, in a sandbox, with every value escaped."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import babel.dates
from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from mjml import mjml2html

from nextbill.capabilities.notifications.rules import Composed, Letter
from nextbill.kernel.money import Money
from nextbill.runtime.settings import Settings

TEMPLATES = Path(__file__).with_name("templates")
DEFAULT_LANGUAGE = "en"

_words = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_html = SandboxedEnvironment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
_text = SandboxedEnvironment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False, trim_blocks=False)


@cache
def languages() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in TEMPLATES.glob("*.toml")))


def kinds(language: str = DEFAULT_LANGUAGE) -> list[str]:
    return sorted(name for name, entry in _catalog(language).items() if isinstance(entry, dict) and "subject" in entry)


@dataclass(frozen=True, slots=True)
class Reader:
    """How one reader's words, amounts and dates are written. Where we have no words of the language, all three are English."""

    language: str
    locale: str

    @classmethod
    def of(cls, tag: str) -> Reader:
        """By a language tag such as de or de-AT."""
        language = tag.partition("-")[0]
        return cls(language, tag.replace("-", "_")) if language in languages() else cls(DEFAULT_LANGUAGE, DEFAULT_LANGUAGE)

    def phrase(self, group: str, name: str, /, **values: str) -> str:
        """A part of a mail that not every mail of its kind has."""
        return _fill(_catalog(self.language)[group][name], values)

    def why(self, reason: str) -> str | None:
        """The words for a machine's reason; None where there are none."""
        found: str | None = _catalog(self.language)["why"].get(reason)
        return found

    def of_charge(self, group: str, reason: str) -> str:
        """Why a card was not charged (`declines`), or what to do about it (`remedies`); the words for the rest where there are none of its own."""
        words: dict[str, str] = _catalog(self.language)[group]
        return words.get(reason, words["other"])

    def resource(self, name: str) -> str:
        """What a license counts; one that only a plan names is called as the plan calls it."""
        found: str = _catalog(self.language)["resources"].get(name, name.replace("_", " "))
        return found

    def money(self, amount: Money) -> str:
        return amount.format(self.locale)

    def day(self, day: date) -> str:
        return babel.dates.format_date(day, "long", locale=self.locale)


def compose(kind: str, language: str, values: Mapping[str, str], *, link: str = "", delivered: Sequence[tuple[str, str]] = ()) -> Composed:
    """`values` fill the template's words; `delivered` are facts that only the caller knows how many of there are.

    A value that a template asks for and is not given is an error."""
    catalog = _catalog(language)
    entry = catalog[kind]
    facts = (
        list(delivered)
        if entry.get("facts_from") == "delivered"
        else [(_fill(name, values), _fill(value, values)) for name, value in entry.get("facts", [])]
    )
    parts: dict[str, Any] = {
        "language": language,
        "company": values["company"],
        "subject": _one_line(_fill(entry["subject"], values)),
        "heading": _fill(entry["heading"], values),
        "lead": _fill(entry["lead"], values),
        "facts": facts,
        "button": _fill(entry["button"], values) if "button" in entry and link else "",
        "link": link,
        "paragraphs": [_fill(paragraph, values) for paragraph in entry.get("paragraphs", [])],
        "footer": _fill(catalog["footer"], values),
    }
    html = mjml2html(_html.get_template("layout.mjml.j2").render(parts))
    return Composed(parts["subject"], _text.get_template("layout.txt.j2").render(parts), html)


def written(letter: Letter, settings: Settings) -> Composed:
    """The letter in its reader's language, with the house's name and address."""
    house = {"company": settings.company_name, "company_address": settings.company_address, "portal": settings.portal_url, "email": letter.recipient}
    return compose(letter.kind, letter.language, house | letter.values, link=letter.link, delivered=letter.delivered)


@cache
def _catalog(language: str) -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))


def _fill(words: str, values: Mapping[str, str]) -> str:
    return _compiled(words).render(values)


@cache
def _compiled(words: str) -> Template:
    """Words are the catalogs' alone: there are as many as they hold."""
    return _words.from_string(words)


def _one_line(text: str) -> str:
    return " ".join(text.split())
