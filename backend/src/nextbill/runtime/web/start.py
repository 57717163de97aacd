"""What is found at the server's own address: in sandbox where to go from here, in live mode whose it is."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from nextbill.runtime.settings import Settings
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.page import SHELL, PageRoute, Templates

router = APIRouter(route_class=PageRoute)
_templates = Templates(SHELL)


@router.get("/", response_class=HTMLResponse)
async def open_start_page(ctx: Ctx) -> HTMLResponse:
    return start_page(ctx.settings)


def start_page(settings: Settings) -> HTMLResponse:
    own_portal = settings.portal_url.rstrip("/") != settings.api_url.rstrip("/")
    return _templates.page("live.html.j2" if settings.live else "sandbox.html.j2", settings, own_portal=own_portal)
