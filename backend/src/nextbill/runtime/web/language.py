"""In which language a request is answered: the one chosen in the portal, else the first of the browser's that we speak, else English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie

from nextbill.runtime.words import LANGUAGES, SOURCE

COOKIE = "np_locale"
"""Set by the portal where somebody chooses a language."""
_QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)")
_asked: ContextVar[tuple[str, str]] = ContextVar("language", default=("", ""))


def begin(headers: Mapping[bytes, bytes]) -> None:
    """Keeps what the request says; most answers have no words and never ask."""
    _asked.set((headers.get(b"cookie", b"").decode("latin-1"), headers.get(b"accept-language", b"").decode("latin-1")))


def wished() -> str | None:
    """None where the request names no language that we speak."""
    cookies, accepted = _asked.get()
    return _chosen(cookies) or preferred(accepted)


def current() -> str:
    return wished() or SOURCE


def headers() -> dict[str, str]:
    """For an answer with words in it."""
    return {"Content-Language": current(), "Vary": "Accept-Language, Cookie"}


def preferred(accepted: str) -> str | None:
    """By Accept-Language (RFC 9110): the highest quality, the first of equals; regions do not matter to us."""
    found = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, parameter = part.strip().partition(";")
        language, quality = tag.strip().lower().split("-")[0], _quality(parameter.strip())
        if language in LANGUAGES and quality > 0:
            found.append((-quality, place, language))
    return min(found)[2] if found else None


def _quality(parameter: str) -> float:
    """What is not written as it should be counts as not wanted."""
    if not parameter:
        return 1.0
    found = _QUALITY.fullmatch(parameter)
    return min(float(found[1]), 1.0) if found else 0.0


def _chosen(cookies: str) -> str | None:
    if COOKIE not in cookies:
        return None
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return None
    return found.value if found is not None and found.value in LANGUAGES else None
