"""In which language a request is answered: the one chosen in the portal, else the first of the browser's that we speak, else English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextvars import ContextVar

from nextbill.runtime.web import cookies
from nextbill.runtime.words import LANGUAGES, SOURCE

COOKIE = "np_locale"
"""Set by the portal where somebody chooses a language."""
_QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)")
LONGEST = 1000
"""Characters of Accept-Language that are read; browsers send less than a hundred."""


class _Asked:
    """What a request says of languages: read once, and only where an answer has words."""

    def __init__(self, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self._headers = headers
        self._found: str | None = None
        self._read = False

    def wished(self) -> str | None:
        if not self._read:
            accepted = next((value for name, value in self._headers if name == b"accept-language"), b"")[:LONGEST]
            self._found, self._read = _chosen(cookies.find(self._headers, COOKIE)) or preferred(accepted.decode("latin-1")), True
        return self._found


_asked: ContextVar[_Asked] = ContextVar("language", default=_Asked())  # noqa: B039 (says nothing, and never changes)


def begin(headers: Sequence[tuple[bytes, bytes]]) -> None:
    _asked.set(_Asked(headers))


def wished() -> str | None:
    """None where the request names no language that we speak."""
    return _asked.get().wished()


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


def _chosen(cookie: str | None) -> str | None:
    return cookie if cookie in LANGUAGES else None
