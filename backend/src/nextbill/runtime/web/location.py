"""Where a request comes from, as the proxy in front of us tells it: one of the proofs of where a consumer is."""

from __future__ import annotations

import re

from fastapi import Request

from nextbill.runtime.settings import Settings

_NOWHERE = {"XX", "T1", "A1", "A2", "ZZ", "EU", "AP"}
"""What services that place addresses say for unknown ones and for networks without a country."""


def country_of(request: Request, settings: Settings) -> str | None:
    """ISO 3166, by the header that COUNTRY_HEADER names. None without one: a header that no proxy of ours writes could be anybody's word."""
    if settings.country_header is None:
        return None
    found = request.headers.get(settings.country_header, "").strip().upper()
    return found if re.fullmatch("[A-Z]{2}", found) and found not in _NOWHERE else None
