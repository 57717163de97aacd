"""Why a line bears the tax that it bears, in the languages of documents. A reason is a stable code; its parameters come with the line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from babel import Locale

LANGUAGES: Final = ("en", "de")
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "rate": {"en": "{name}", "de": "{name}"},
    "zero_rate": {"en": "{name}", "de": "{name}"},
    "no_rule": {"en": "No tax: no rule applies", "de": "Keine Steuer: keine Regel trifft zu"},
    "no_address": {"en": "No address yet", "de": "Noch keine Adresse"},
    "reverse_charge": {
        "en": "Reverse charge: the customer accounts for the VAT (Article 196 of Directive 2006/112/EC)",
        "de": "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge, Artikel 196 der Richtlinie 2006/112/EG)",
    },
    "outside_scope": {
        "en": "Not subject to VAT: the place of supply is outside the European Union ({country_name})",
        "de": "Nicht steuerbar: Der Leistungsort liegt außerhalb der Europäischen Union ({country_name})",
    },
    "export": {
        "en": "Export: no VAT is charged ({country_name})",
        "de": "Ausfuhr: Es wird keine Umsatzsteuer berechnet ({country_name})",
    },
    "certificate": {
        "en": "Exempt from tax: certificate {number}",
        "de": "Steuerbefreit: Bescheinigung {number}",
    },
    "small_business": {
        "en": "No VAT is charged: special scheme for small enterprises (Article 284 of Directive 2006/112/EC)",
        "de": "Keine Umsatzsteuer: Sonderregelung für Kleinunternehmen (Artikel 284 der Richtlinie 2006/112/EG)",
    },
}
# What the law of a country asks for in so many words; the shop may replace it in its policy [L].
_SMALL_BUSINESS: Final[Mapping[str, Mapping[str, str]]] = {
    "DE": {"en": "No VAT is charged under § 19 UStG (small business)", "de": "Gemäß § 19 UStG wird keine Umsatzsteuer berechnet."},
    "AT": {
        "en": "Exempt from VAT under § 6 (1) 27 UStG (small business)",
        "de": "Umsatzsteuerfrei aufgrund der Kleinunternehmerregelung (§ 6 Abs. 1 Z 27 UStG)",
    },
    "FR": {"en": "TVA non applicable, art. 293 B du CGI", "de": "TVA non applicable, art. 293 B du CGI"},
}

_RATES: Final = frozenset({"rate", "zero_rate"})
_STANDARD: Final = re.compile(r"VAT (\d+(?:\.\d+)?) % \(([\w-]+)\)")
"""As the rates that a shop starts with are named; what staff named otherwise is said as it stands."""


def in_words(reason: str, params: Mapping[str, str], language: str) -> str:
    """In English where the language is not one of ours. KeyError for a reason that we do not give."""
    spoken = language.split("-", maxsplit=1)[0]
    spoken = spoken if spoken in LANGUAGES else "en"
    own = params.get(f"words_{spoken}") or params.get("words_en")
    if own:
        return own
    words = _WORDS[reason]
    if reason in _RATES and (ours := _STANDARD.fullmatch(params.get("name", ""))):
        return ours[0] if spoken == "en" else f"USt. {ours[1].replace('.', ',')} % ({ours[2]})"
    if reason == "small_business":
        words = _SMALL_BUSINESS.get(params.get("country", ""), words)
    country = params.get("country", "")
    return words[spoken].format(**{**params, "country_name": Locale(spoken).territories.get(country, country)})
