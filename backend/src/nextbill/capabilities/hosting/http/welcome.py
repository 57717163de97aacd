"""The page behind the welcome mail's link. Opening it shows nothing yet, for mail scanners open links too; the button does."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from nextbill.capabilities.hosting import documents
from nextbill.capabilities.hosting.commands import offered, reveal_first_login
from nextbill.capabilities.hosting.errors import FirstLoginExpired, FirstLoginTooEarly, FirstLoginUnknown, FirstLoginUsed
from nextbill.kernel.errors import Problem
from nextbill.runtime.database import Role
from nextbill.runtime.web.context import Ctx

DEAD_LINKS = (FirstLoginUnknown, FirstLoginUsed, FirstLoginExpired, FirstLoginTooEarly)
welcome_router = APIRouter(prefix="/welcome", tags=["hosting"], default_response_class=HTMLResponse)


@welcome_router.get("/{token}", response_class=HTMLResponse)
async def open_welcome_link(ctx: Ctx, token: str) -> HTMLResponse:
    """Says what the button will do. Changes nothing."""
    try:
        async with ctx.database.reading(Role.WORK) as tx:
            offer = await offered(tx, token=token, now=ctx.clock.now())
    except DEAD_LINKS as refusal:
        return _refused(ctx, refusal)
    return _page(documents.offer_page(offer, company=ctx.settings.company_name))


@welcome_router.post("/{token}", response_class=HTMLResponse)
async def show_welcome_login(ctx: Ctx, token: str) -> HTMLResponse:
    """Shows user name and password once, then our copy is erased."""
    try:
        async with ctx.database.writing(Role.WORK) as tx:
            shown = await reveal_first_login(tx, token=token, cipher=ctx.cipher, now=ctx.clock.now())
    except DEAD_LINKS as refusal:
        return _refused(ctx, refusal)
    return _page(documents.shown_page(shown, company=ctx.settings.company_name))


def _refused(ctx: Ctx, refusal: Problem) -> HTMLResponse:
    page = documents.dead_link_page(
        refusal.code, company=ctx.settings.company_name, support=ctx.settings.company_email, portal=ctx.settings.portal_url
    )
    return _page(page, status=refusal.status)


def _page(text: str, *, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, {"Content-Security-Policy": documents.POLICY, "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"})
