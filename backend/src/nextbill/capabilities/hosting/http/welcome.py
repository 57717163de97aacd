"""The page behind the welcome mail's link. Opening it shows nothing yet, for mail scanners open links too; the button does."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from nextbill.capabilities.hosting.commands import offered, reveal_first_login
from nextbill.capabilities.hosting.errors import FirstLoginExpired, FirstLoginTooEarly, FirstLoginUnknown, FirstLoginUsed
from nextbill.kernel.errors import Problem
from nextbill.runtime.database import Role
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.page import PageRoute, Templates

RELOAD_SECONDS = 5
DEAD_LINKS = (FirstLoginUnknown, FirstLoginUsed, FirstLoginExpired, FirstLoginTooEarly)
_DEAD: dict[str, tuple[str, str]] = {
    FirstLoginUnknown.code: (
        "This link is not complete",
        "Perhaps your mail program broke it in two. Open it again from the mail, or copy the whole address.",
    ),
    FirstLoginExpired.code: (
        "This link has expired",
        "Links are good for seven days. Your account is there and your password was not shown to anybody. Ask us for a new link.",
    ),
    FirstLoginUsed.code: (
        "This login was shown already",
        (
            "User name and password are shown once, then erased here, so we can't show them again. If you have not noted them, "
            "or if it was not you who opened this link, write to us and we will set a new password."
        ),
    ),
    FirstLoginTooEarly.code: (
        "Your account is being made",
        "It usually takes less than a minute. This page looks again by itself.",
    ),
}
_templates = Templates(Path(__file__).with_name("templates"))
welcome_router = APIRouter(prefix="/welcome", tags=["hosting"], default_response_class=HTMLResponse, route_class=PageRoute)


@welcome_router.get("/{token}", response_class=HTMLResponse)
async def open_welcome_link(ctx: Ctx, token: str) -> HTMLResponse:
    """Says what the button will do. Changes nothing."""
    try:
        async with ctx.database.reading(Role.WORK) as tx:
            offer = await offered(tx, token=token, now=ctx.clock.now())
    except DEAD_LINKS as refusal:
        return _refused(ctx, refusal)
    return _templates.page("offer.html.j2", ctx.settings, offer=offer)


@welcome_router.post("/{token}", response_class=HTMLResponse)
async def show_welcome_login(ctx: Ctx, token: str) -> HTMLResponse:
    """Shows user name and password once, then our copy is erased."""
    try:
        async with ctx.database.writing(Role.WORK) as tx:
            shown = await reveal_first_login(tx, token=token, cipher=ctx.cipher, now=ctx.clock.now())
    except DEAD_LINKS as refusal:
        return _refused(ctx, refusal)
    return _templates.page("shown.html.j2", ctx.settings, login=shown)


def _refused(ctx: Ctx, refusal: Problem) -> HTMLResponse:
    title, words = _DEAD[refusal.code]
    again = RELOAD_SECONDS if isinstance(refusal, FirstLoginTooEarly) else None
    return _templates.page("dead_link.html.j2", ctx.settings, status=refusal.status, refresh=again, title=title, words=words)
