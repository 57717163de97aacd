"""Where a browser's request comes from. A cookie goes along with requests that other sites make; these headers tell, and no page can forge them."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from fastapi import Request

from nextbill.kernel.errors import Problem
from nextbill.runtime.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class CrossSiteRequest(Problem):
    """By a cookie alone and not from our own pages. Callers with a token in the Authorization header are never asked."""

    code: ClassVar[str] = "cross_site_request"
    status: ClassVar[int] = 403
    title: ClassVar[str] = "This came from another site"


def refuse_cross_site(request: Request, settings: Settings) -> None:
    """CrossSiteRequest. Sec-Fetch-Site decides where the browser sends it, else Origin, which must be there and must be the portal's or ours.

    Not even a sibling host passes: customers of a hosting company have sites on names like ours.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    ours = site in ("same-origin", "none") if site else request.headers.get("origin", "").lower() in own_origins(settings)
    if not ours:
        raise CrossSiteRequest("Nothing was done. Use the pages of the portal, or send an access token in the Authorization header.")


def own_origins(settings: Settings) -> frozenset[str]:
    """As browsers write them: lower case, without a default port."""
    return frozenset(_origin(url) for url in (settings.portal_url, settings.api_url))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
