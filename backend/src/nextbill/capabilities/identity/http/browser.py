"""Browsers log in by cookies, on the portal's own origin: no script ever holds a token."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from nextbill.capabilities.identity.commands.sessions import end_session_of, logout, refresh
from nextbill.capabilities.identity.commands.tokens import SessionKeys, Tokens, read_access_token
from nextbill.capabilities.identity.errors import (
    BadAccessToken,
    BadCredentials,
    BadRefreshToken,
    LoginDisabled,
    SessionEnded,
    TokenExpired,
    TooBusy,
    TooManyAttempts,
)
from nextbill.capabilities.identity.http.cookies import SessionCookies, same_origin
from nextbill.capabilities.identity.http.sessions import opened_session
from nextbill.capabilities.identity.http.shapes import LoginBody, MeBody
from nextbill.capabilities.identity.queries import get_login
from nextbill.kernel.errors import NotFound
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.origin import CrossSiteRequest

router = APIRouter(prefix="/auth/session", tags=["auth"], dependencies=[Depends(same_origin)])


@router.post("", responses=problem.responses(BadCredentials, LoginDisabled, TooManyAttempts, TooBusy, CrossSiteRequest))
async def open_browser_session(body: LoginBody, request: Request, ctx: Ctx, response: Response) -> MeBody:
    """Logs a browser in: the answer says who it is, the tokens come as cookies that no script can read."""
    tokens, now = await opened_session(body, request, ctx)
    await _end_presented(request, ctx)
    SessionCookies.of(ctx.settings).put(response, tokens, now=now)
    return await _who(tokens, ctx)


@router.post("/refresh", response_model=MeBody, responses=problem.responses(BadRefreshToken, SessionEnded, CrossSiteRequest))
async def refresh_browser_session(request: Request, ctx: Ctx, response: Response) -> MeBody | Response:
    """A new access cookie by the refresh cookie. Tabs that ask at once get the same successor; where it is refused, the cookies go."""
    cookies, now = SessionCookies.of(ctx.settings), ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        outcome = await refresh(tx, refresh_token=cookies.refresh_token(request) or "", keys=SessionKeys.of(ctx.settings), now=now)
    if outcome.tokens is None:
        refusal = problem.refused(outcome.refusal or BadRefreshToken("Log in again."))
        cookies.clear(refusal)
        return refusal
    cookies.put(response, outcome.tokens, now=now)
    return await _who(outcome.tokens, ctx)


@router.delete("", status_code=204, responses=problem.responses(CrossSiteRequest))
async def end_browser_session(request: Request, ctx: Ctx, response: Response) -> None:
    """Logs this browser out. It works with an access cookie that has run out too, and where nobody is logged in any more."""
    SessionCookies.of(ctx.settings).clear(response)
    await _end_presented(request, ctx)


async def _end_presented(request: Request, ctx: Context) -> None:
    """The sessions of both cookies, which may be two where somebody meddled: what a browser loses must not live on."""
    cookies, now = SessionCookies.of(ctx.settings), ctx.clock.now()
    refresh_token = cookies.refresh_token(request)
    async with ctx.database.writing(Role.WORK) as tx:
        keys = SessionKeys.of(ctx.settings)
        if refresh_token is not None:
            await end_session_of(tx, refresh_token=refresh_token, keys=keys, now=now)
        try:
            claims = read_access_token(cookies.access_token(request) or "", keys=keys, now=now)
            await logout(tx, session_id=claims.session_id, login_id=claims.login_id, now=now)
        except (BadAccessToken, TokenExpired, NotFound):
            return


async def _who(tokens: Tokens, ctx: Context) -> MeBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return MeBody.of(await get_login(tx, tokens.login_id), session_id=tokens.session_id)
