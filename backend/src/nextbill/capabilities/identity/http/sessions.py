"""Log in, refresh, log out, who am I."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response

from nextbill.capabilities.identity.commands.passwords import hash_password, is_outdated, verify_password
from nextbill.capabilities.identity.commands.sessions import end_sessions, issue_session, logout, refresh
from nextbill.capabilities.identity.commands.throttle import Attempt, count_attempt, forgive_attempt
from nextbill.capabilities.identity.commands.tokens import SessionKeys, Tokens
from nextbill.capabilities.identity.errors import (
    BadAccessToken,
    BadCredentials,
    BadRefreshToken,
    LoginDisabled,
    SessionEnded,
    TokenExpired,
    TooBusy,
    TooManyAttempts,
    WeakPassword,
)
from nextbill.capabilities.identity.http.authentication import client_address
from nextbill.capabilities.identity.http.cookies import SessionCookies
from nextbill.capabilities.identity.http.shapes import LoginBody, MeBody, OpenSession, OpenSessions, RefreshBody, SessionBody
from nextbill.capabilities.identity.queries import Credentials, find_credentials, get_login, list_sessions
from nextbill.capabilities.identity.rules import PasswordHash, limits
from nextbill.kernel.errors import NotFound
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, NotAuthenticated
from nextbill.runtime.web.context import Context, Ctx

router = APIRouter(prefix="/auth", tags=["auth"])
TOKEN_PROBLEMS = (NotAuthenticated, BadAccessToken, TokenExpired, SessionEnded)


@router.post("/login", responses=problem.responses(BadCredentials, LoginDisabled, TooManyAttempts, TooBusy))
async def log_in(body: LoginBody, request: Request, ctx: Ctx) -> SessionBody:
    """Unknown addresses and wrong passwords get the same answer in the same time. Attempts are counted before they are looked at."""
    tokens, now = await opened_session(body, request, ctx)
    return SessionBody.of(tokens, now=now)


async def opened_session(body: LoginBody, request: Request, ctx: Context) -> tuple[Tokens, datetime]:
    """One door for programs and browsers: the same throttle, the same work for every address."""
    attempt = Attempt.login(limits(live=ctx.settings.live), email=body.email, address=client_address(request))
    async with ctx.database.writing(Role.WORK) as tx:
        await count_attempt(tx, attempt, now=ctx.clock.now())
        known = await find_credentials(tx, body.email) if "\x00" not in body.email else None
    right = await verify_password(body.password, known.password_hash if known else None)
    if known is None or not right:
        raise BadCredentials("Check both, or ask for a new password.")
    rehashed = await _rehashed(known, body.password)
    async with ctx.database.writing(Role.WORK) as tx:
        now = ctx.clock.now()
        tokens = await issue_session(tx, verified=known, rehashed=rehashed, keys=SessionKeys.of(ctx.settings), now=now)
        await forgive_attempt(tx, attempt)
    return tokens, now


async def _rehashed(known: Credentials, password: str) -> PasswordHash | None:
    """With today's parameters, where the stored one has others. One that today's rules would refuse is left as it is."""
    if not is_outdated(known.password_hash):
        return None
    try:
        return await hash_password(password)
    except WeakPassword:
        return None


@router.post("/refresh", responses=problem.responses(BadRefreshToken, SessionEnded))
async def refresh_session(body: RefreshBody, ctx: Ctx) -> SessionBody:
    """A refresh token is good once. The same one within ten seconds gets the same successor again (a lost answer); later it ends the session."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        outcome = await refresh(tx, refresh_token=body.refresh_token, keys=SessionKeys.of(ctx.settings), now=now)
    if outcome.tokens is None:
        raise outcome.refusal or BadRefreshToken
    return SessionBody.of(outcome.tokens, now=now)


@router.post("/logout", status_code=204, responses=problem.responses(*TOKEN_PROBLEMS))
async def log_out(caller: AnyCaller, ctx: Ctx, response: Response) -> None:
    """Ends this session: its access token is refused from now on."""
    SessionCookies.of(ctx.settings).clear(response)
    if caller.session_id is None:
        raise SessionEnded
    async with ctx.database.writing(Role.WORK) as tx:
        await logout(tx, session_id=caller.session_id, login_id=caller.login_id, now=ctx.clock.now())


@router.post("/logout-all", status_code=204, responses=problem.responses(*TOKEN_PROBLEMS))
async def log_out_everywhere(caller: AnyCaller, ctx: Ctx, response: Response) -> None:
    """Ends all sessions of this login, this one included."""
    SessionCookies.of(ctx.settings).clear(response)
    async with ctx.database.writing(Role.WORK) as tx:
        await end_sessions(tx, login_id=caller.login_id, reason="logout_all", now=ctx.clock.now())


@router.get("/me", responses=problem.responses(*TOKEN_PROBLEMS))
async def who_am_i(caller: AnyCaller, ctx: Ctx) -> MeBody:
    async with ctx.database.reading(Role.WORK) as tx:
        login = await get_login(tx, caller.login_id)
    return MeBody.of(login, session_id=caller.session_id)


@router.get("/sessions", responses=problem.responses(*TOKEN_PROBLEMS))
async def list_open_sessions(caller: AnyCaller, ctx: Ctx) -> OpenSessions:
    """Where this login is logged in, newest first."""
    async with ctx.database.reading(Role.WORK) as tx:
        sessions = await list_sessions(tx, caller.login_id, now=ctx.clock.now())
    return OpenSessions(items=[OpenSession.of(session, current=caller.session_id) for session in sessions])


@router.delete("/sessions/{session_id}", status_code=204, responses=problem.responses(NotFound, *TOKEN_PROBLEMS))
async def end_one_session(session_id: UUID, caller: AnyCaller, ctx: Ctx) -> None:
    async with ctx.database.writing(Role.WORK) as tx:
        await logout(tx, session_id=session_id, login_id=caller.login_id, now=ctx.clock.now())
