"""The pages behind the links of our mails. Opening one changes nothing, for mail scanners open links too; its button does.

The token is the proof, so that no login is asked for. Whoever holds one that we sent may know what has become of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from nextbill.capabilities.identity.commands.logins import request_password_reset, request_verification
from nextbill.capabilities.identity.commands.passwords import check_password
from nextbill.capabilities.identity.commands.throttle import Attempt, count_attempt
from nextbill.capabilities.identity.errors import BadOneTimeToken, TooBusy, WeakPassword
from nextbill.capabilities.identity.http import mailbox
from nextbill.capabilities.identity.http.authentication import client_address
from nextbill.capabilities.identity.http.shapes import ResetBody, TokenBody
from nextbill.capabilities.identity.queries import Login, MailedLink, mailed_link
from nextbill.capabilities.identity.rules import PASSWORD_MAX, PASSWORD_MIN, Purpose, limits
from nextbill.runtime.database import Role
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.page import PageRoute, Templates

TOKEN_LENGTH = 200
Token = Annotated[str, Query()]
Typed = Annotated[str, Form(max_length=PASSWORD_MAX * 4)]
_templates = Templates(Path(__file__).with_name("templates"))
pages = APIRouter(default_response_class=HTMLResponse, route_class=PageRoute)


@pages.get("/verify-email", response_class=HTMLResponse)
async def open_verification_link(ctx: Ctx, token: Token = "") -> HTMLResponse:
    return _verification(ctx, await _link(ctx, token, "verify_email"), token)


@pages.post("/verify-email", response_class=HTMLResponse)
async def press_verification_button(ctx: Ctx, request: Request, token: Token = "") -> HTMLResponse:
    link = await _link(ctx, token, "verify_email")
    if link is None or link.state != "good" or link.login.verified_at:
        return _verification(ctx, link, token)
    try:
        await mailbox.confirm_email(TokenBody(token=token), request, ctx)
    except BadOneTimeToken:
        return _verification(ctx, await _link(ctx, token, "verify_email"), token)
    return _templates.page("verified.html.j2", ctx.settings, email=link.login.email)


@pages.post("/verify-email/again", response_class=HTMLResponse)
async def press_for_another_verification_link(ctx: Ctx, request: Request, token: Token = "") -> HTMLResponse:
    link = await _link(ctx, token, "verify_email")
    if link is None or link.login.verified_at:
        return _verification(ctx, link, token)
    await _mail_again(ctx, request, link.login, "verify_email")
    return _templates.page("link_sent.html.j2", ctx.settings, life="three days")


@pages.get("/reset-password", response_class=HTMLResponse)
async def open_reset_link(ctx: Ctx, token: Token = "") -> HTMLResponse:
    link = await _link(ctx, token, "reset_password")
    if link is None or link.state != "good":
        return _dead(ctx, link, token, again="/reset-password/again")
    return _reset_form(ctx, link)


@pages.post("/reset-password", response_class=HTMLResponse)
async def send_new_password(ctx: Ctx, request: Request, token: Token = "", password: Typed = "", repeated: Typed = "") -> HTMLResponse:
    link = await _link(ctx, token, "reset_password")
    if link is None or link.state != "good":
        return _dead(ctx, link, token, again="/reset-password/again")
    errors = _field_errors(password, repeated, email=link.login.email)
    if errors:
        return _reset_form(ctx, link, status=422, errors=errors)
    try:
        await mailbox.choose_new_password(ResetBody(token=token, password=password), request, ctx)
    except BadOneTimeToken:
        return _dead(ctx, await _link(ctx, token, "reset_password"), token, again="/reset-password/again")
    except TooBusy as busy:
        return _reset_form(ctx, link, status=busy.status, note=busy.detail)
    return _templates.page("password_changed.html.j2", ctx.settings)


@pages.post("/reset-password/again", response_class=HTMLResponse)
async def press_for_another_reset_link(ctx: Ctx, request: Request, token: Token = "") -> HTMLResponse:
    link = await _link(ctx, token, "reset_password")
    if link is None:
        return _dead(ctx, link, token, again="/reset-password/again")
    await _mail_again(ctx, request, link.login, "reset_password")
    return _templates.page("link_sent.html.j2", ctx.settings, life="30 minutes")


async def _link(ctx: Context, token: str, purpose: Purpose) -> MailedLink | None:
    if not 0 < len(token) <= TOKEN_LENGTH:
        return None
    async with ctx.database.reading(Role.WORK) as tx:
        return await mailed_link(tx, token=token, purpose=purpose, now=ctx.clock.now())


async def _mail_again(ctx: Context, request: Request, login: Login, purpose: Purpose) -> None:
    """To the login's own address and to no other: an old link is enough to ask for a new one, not to read it."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        await count_attempt(tx, Attempt.mail(limits(live=ctx.settings.live), email=login.email, address=client_address(request)), now=now)
        if purpose == "verify_email":
            await request_verification(tx, login_id=login.id, now=now)
        else:
            await request_password_reset(tx, login_id=login.id, now=now)


def _verification(ctx: Context, link: MailedLink | None, token: str) -> HTMLResponse:
    if link is not None and link.login.verified_at:
        return _templates.page("verified.html.j2", ctx.settings, email=None)
    if link is None or link.state != "good":
        return _dead(ctx, link, token, again="/verify-email/again")
    return _templates.page("verify_email.html.j2", ctx.settings, email=link.login.email, expires_at=link.expires_at)


def _dead(ctx: Context, link: MailedLink | None, token: str, *, again: str) -> HTMLResponse:
    """What is wrong with the link; where it was one of ours, a button sends another."""
    state, status = ("unknown", 404) if link is None else (link.state, 410)
    return _templates.page("dead_link.html.j2", ctx.settings, status=status, state=state, again=again, token=token)


def _reset_form(ctx: Context, link: MailedLink, *, status: int = 200, errors: dict[str, str] | None = None, note: str = "") -> HTMLResponse:
    """Passwords that were typed are not sent back; all else on the form is."""
    page, email = "reset_password.html.j2", link.login.email
    return _templates.page(page, ctx.settings, status=status, email=email, shortest=PASSWORD_MIN, errors=errors or {}, note=note)


def _field_errors(password: str, repeated: str, *, email: str) -> dict[str, str]:
    try:
        check_password(password, email=email)
    except WeakPassword as weak:
        return weak.fields
    return {} if repeated == password else {"repeated": "the two are not the same: type both again"}
