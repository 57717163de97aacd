"""A customer's own accounts, and the first login for clients of the API."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from nextbill.capabilities.hosting.commands import reveal_first_login
from nextbill.capabilities.hosting.errors import AccountNotFound, FirstLoginExpired, FirstLoginTooEarly, FirstLoginUnknown, FirstLoginUsed
from nextbill.capabilities.hosting.http.shapes import AccountBody, FirstLoginBody, TokenBody
from nextbill.capabilities.hosting.queries import get_account, list_accounts
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import CustomerCaller, NotAuthenticated, NotPermitted, own_id
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/hosting", tags=["hosting"])


@router.get("/accounts", responses=problem.responses(NotAuthenticated, NotPermitted))
async def list_own_accounts(ctx: Ctx, caller: CustomerCaller, pages: Pages) -> Page[AccountBody]:
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        found = await list_accounts(tx, paging=pages)
    return pages.page(found, AccountBody.of, lambda one: one.id)


@router.get("/accounts/{account_id}", responses=problem.responses(NotAuthenticated, NotPermitted, AccountNotFound))
async def get_own_account(ctx: Ctx, caller: CustomerCaller, account_id: UUID) -> AccountBody:
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        return AccountBody.of(await get_account(tx, account_id))


@router.post("/first-login", responses=problem.responses(FirstLoginUnknown, FirstLoginExpired, FirstLoginUsed, FirstLoginTooEarly))
async def show_first_login(ctx: Ctx, body: TokenBody) -> FirstLoginBody:
    """Needs no login: the token of the welcome mail is the proof. Shows user name and password once, then our copy is erased."""
    async with ctx.database.writing(Role.WORK) as tx:
        shown = await reveal_first_login(tx, token=body.token, cipher=ctx.cipher, now=ctx.clock.now())
    return FirstLoginBody(username=shown.username, password=shown.password, login_url=shown.url, domain=shown.domain)
