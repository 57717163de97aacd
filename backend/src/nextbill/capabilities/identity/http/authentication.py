"""Who calls, by the access token in the header or in the cookie; and whose an Idempotency-Key is."""

from __future__ import annotations

import hashlib

from fastapi import Request

from nextbill.capabilities.identity.commands.tokens import SessionKeys, read_access_token
from nextbill.capabilities.identity.errors import BadAccessToken, SessionEnded
from nextbill.capabilities.identity.http.cookies import SessionCookies
from nextbill.capabilities.identity.queries import live_session
from nextbill.capabilities.identity.rules import PERMISSIONS, audience
from nextbill.kernel.clock import Clock
from nextbill.runtime.database import Database, Role
from nextbill.runtime.settings import Settings
from nextbill.runtime.web.access import Authenticate, Caller
from nextbill.runtime.web.idempotency import Scope
from nextbill.runtime.web.origin import refuse_cross_site


def authenticator(settings: Settings, database: Database, clock: Clock) -> Authenticate:
    """One read by primary key per request: a logout, a reset, a disabled login or another role hold at once, not in fifteen minutes."""
    keys = SessionKeys.of(settings)

    async def authenticate(request: Request) -> Caller | None:
        """None without credentials. BadAccessToken, TokenExpired, SessionEnded, CrossSiteRequest."""
        known: Caller | None = getattr(request.state, "identity_caller", None)
        if known is not None:
            return known
        token = _presented(request, settings)
        if token is None:
            return None
        claims = read_access_token(token, keys=keys, now=clock.now())
        async with database.reading(Role.WORK) as tx:
            session = await live_session(tx, claims.session_id)
        if session is None or session.login_id != claims.login_id:
            raise SessionEnded("Log in again.")
        if claims.audience != audience(session.role):
            raise BadAccessToken("Log in again.")
        caller = Caller(session.login_id, session.role, PERMISSIONS[session.role], session.customer_id, session.session_id)
        request.state.identity_caller = caller
        return caller

    return authenticate


def _presented(request: Request, settings: Settings) -> str | None:
    """The header goes first, and whoever sets it is no other site's form; a cookie counts only from our own pages."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise BadAccessToken("Send the access token as `Authorization: Bearer …`.")
        return token.strip()
    token_cookie = SessionCookies.of(settings).access_token(request)
    if token_cookie is not None:
        refuse_cross_site(request, settings)
    return token_cookie


def idempotency_scope(settings: Settings) -> Scope:
    """A caller's keys are the caller's own: proved as for any route, since a replay answers before the route is asked.

    Without an access token the scope is what was presented instead (a panel's key and secret, or nothing) and the address.
    """
    house = settings.api_url

    async def scope(request: Request) -> str:
        authenticate: Authenticate = request.app.state.authenticate
        caller = await authenticate(request)
        if caller is not None:
            return f"login:{caller.login_id}"
        presented = "\n".join(
            (house, request.headers.get("x-api-key", ""), request.headers.get("x-api-secret", ""), request.headers.get("x-signature", ""))
        )
        return f"anonymous:{client_address(request)}:{hashlib.sha256(presented.encode()).hexdigest()}"

    return scope


def client_address(request: Request) -> str:
    """The server believes X-Forwarded-For from trusted proxies only, so this is the caller's."""
    return request.client.host if request.client else "unknown"
