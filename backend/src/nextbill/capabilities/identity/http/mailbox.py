"""What needs proof by mail, and passwords: verify, forgot, reset, change."""

from __future__ import annotations

from fastapi import APIRouter, Request

from nextbill.capabilities.identity.commands.logins import ask_for_reset, change_password, request_verification, reset_password, verify_email
from nextbill.capabilities.identity.commands.passwords import check_password, hash_password, verify_password
from nextbill.capabilities.identity.commands.throttle import Attempt, count_attempt, forgive_attempt
from nextbill.capabilities.identity.errors import BadCredentials, BadOneTimeToken, TooBusy, TooManyAttempts, WeakPassword
from nextbill.capabilities.identity.http.authentication import client_address
from nextbill.capabilities.identity.http.sessions import TOKEN_PROBLEMS
from nextbill.capabilities.identity.http.shapes import Accepted, ChangePasswordBody, ForgotBody, ResetBody, TokenBody
from nextbill.capabilities.identity.queries import get_credentials, get_login
from nextbill.capabilities.identity.rules import limits
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller
from nextbill.runtime.web.context import Ctx

router = APIRouter(prefix="/auth", tags=["auth"])
CHECK_YOUR_MAIL = Accepted(status="check_your_mail")


@router.post("/verify-email", responses=problem.responses(BadOneTimeToken, TooManyAttempts))
async def confirm_email(body: TokenBody, request: Request, ctx: Ctx) -> Accepted:
    """With the token from the mail; it is good once, for three days. No login needed."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        await count_attempt(tx, Attempt.token(limits(live=ctx.settings.live), address=client_address(request)), now=now)
    async with ctx.database.writing(Role.WORK) as tx:
        await verify_email(tx, token=body.token, now=now)
    return Accepted(status="verified")


@router.post("/verify-email/resend", status_code=202, responses=problem.responses(TooManyAttempts, *TOKEN_PROBLEMS))
async def ask_for_verification_again(caller: AnyCaller, request: Request, ctx: Ctx) -> Accepted:
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        login = await get_login(tx, caller.login_id)
        await count_attempt(tx, Attempt.mail(limits(live=ctx.settings.live), email=login.email, address=client_address(request)), now=now)
        await request_verification(tx, login_id=login.id, now=now)
    return CHECK_YOUR_MAIL


@router.post("/password/forgot", status_code=202, responses=problem.responses(TooManyAttempts))
async def forgot_password(body: ForgotBody, request: Request, ctx: Ctx) -> Accepted:
    """The same answer and the same work for known and unknown addresses; a known one gets a mail with a link that is good for 30 minutes."""
    async with ctx.database.writing(Role.WORK) as tx:
        await count_attempt(tx, Attempt.mail(limits(live=ctx.settings.live), email=body.email, address=client_address(request)), now=ctx.clock.now())
        await ask_for_reset(tx, email=body.email)
    return CHECK_YOUR_MAIL


@router.post("/password/reset", responses=problem.responses(BadOneTimeToken, WeakPassword, TooManyAttempts, TooBusy))
async def choose_new_password(body: ResetBody, request: Request, ctx: Ctx) -> Accepted:
    """With the token from the mail. All sessions of the login end."""
    check_password(body.password)
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        await count_attempt(tx, Attempt.token(limits(live=ctx.settings.live), address=client_address(request)), now=now)
    password_hash = await hash_password(body.password)
    async with ctx.database.writing(Role.WORK) as tx:
        await reset_password(tx, token=body.token, password_hash=password_hash, now=now)
    return Accepted(status="password_changed")


@router.post("/password/change", responses=problem.responses(BadCredentials, WeakPassword, TooManyAttempts, TooBusy, *TOKEN_PROBLEMS))
async def change_own_password(body: ChangePasswordBody, caller: AnyCaller, request: Request, ctx: Ctx) -> Accepted:
    """With the old one, which is throttled like a log-in. All other sessions end, this one stays."""
    async with ctx.database.writing(Role.WORK) as tx:
        login = await get_login(tx, caller.login_id)
        check_password(body.new_password, email=login.email, field="new_password")
        attempt = Attempt.login(limits(live=ctx.settings.live), email=login.email, address=client_address(request))
        await count_attempt(tx, attempt, now=ctx.clock.now())
        known = await get_credentials(tx, caller.login_id)
    if not await verify_password(body.old_password, known.password_hash):
        raise BadCredentials("The old password is not right.", fields={"old_password": "The old password is not right."})
    password_hash = await hash_password(body.new_password, email=login.email)
    async with ctx.database.writing(Role.WORK) as tx:
        await change_password(tx, verified=known, password_hash=password_hash, keep_session=caller.session_id, now=ctx.clock.now())
        await forgive_attempt(tx, attempt)
    return Accepted(status="password_changed")
