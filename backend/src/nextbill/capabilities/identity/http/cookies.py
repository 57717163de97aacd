"""A browser's session: three cookies. JavaScript reads none but the hint: that there is a session, and by another word after each
refresh that another tab has made one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import Request, Response

from nextbill.capabilities.identity.commands.tokens import Tokens
from nextbill.runtime.settings import Settings
from nextbill.runtime.web.cookies import find
from nextbill.runtime.web.origin import refuse_cross_site

HINT = "np_session"
ACCESS_PATH, REFRESH_PATH = "/", "/api/v1/auth"


@dataclass(frozen=True, slots=True)
class SessionCookies:
    """Names with the prefixes that browsers enforce where the portal is https: nobody but this very host can have set `__Host-`.

    Lives are given as Max-Age, never as a date: our Clock may differ from the browser's."""

    access: str
    refresh: str
    refresh_path: str
    secure: bool

    @classmethod
    def of(cls, settings: Settings) -> SessionCookies:
        if settings.portal_url.lower().startswith("https://"):
            # Whoever has a site on a sibling host could set a cookie that is only `__Secure-`, and so swap the session; `__Host-` needs the path "/".
            return cls("__Host-np_at", "__Host-np_rt", "/", secure=True)
        return cls("np_at", "np_rt", REFRESH_PATH, secure=False)

    def access_token(self, request: Request) -> str | None:
        return find(request.scope["headers"], self.access) or None

    def refresh_token(self, request: Request) -> str | None:
        return find(request.scope["headers"], self.refresh) or None

    def put(self, response: Response, tokens: Tokens, *, now: datetime) -> None:
        rest = _seconds(tokens.refresh_expires_at, now)
        self._set(response, self.access, tokens.access_token, _seconds(tokens.access_expires_at, now), path=ACCESS_PATH)
        self._set(response, self.refresh, tokens.refresh_token, rest, path=self.refresh_path, site="strict")
        self._set(response, HINT, secrets.token_hex(4), rest, path=ACCESS_PATH, readable=True)

    def clear(self, response: Response) -> None:
        self._set(response, self.access, "", 0, path=ACCESS_PATH)
        self._set(response, self.refresh, "", 0, path=self.refresh_path, site="strict")
        self._set(response, HINT, "", 0, path=ACCESS_PATH, readable=True)

    def _set(
        self, response: Response, name: str, value: str, life: int, *, path: str, site: Literal["lax", "strict"] = "lax", readable: bool = False
    ) -> None:
        response.set_cookie(name, value, max_age=life, path=path, secure=self.secure, httponly=not readable, samesite=site)


async def same_origin(request: Request) -> None:
    """For routes that set cookies: nobody else's page logs a visitor in or out (CrossSiteRequest)."""
    refuse_cross_site(request, request.app.state.context.settings)


def _seconds(until: datetime, now: datetime) -> int:
    return max(0, int((until - now).total_seconds()))
