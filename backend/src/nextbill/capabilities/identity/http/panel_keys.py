"""Staff: API keys of panel servers. No Idempotency-Key here: its kept answer would hold the secret."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from nextbill.capabilities.identity.commands.panel_keys import create_panel_key, revoke_panel_key
from nextbill.capabilities.identity.http.shapes import CreatePanelKeyBody, NewPanelKeyBody, PanelKeyBody, Reason
from nextbill.capabilities.identity.http.users import STAFF_PROBLEMS
from nextbill.capabilities.identity.models import PanelKeyRow
from nextbill.capabilities.identity.queries import list_panel_keys, panel_keys
from nextbill.kernel.errors import Invalid, NotFound
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/admin/panel-keys", tags=["admin"])
Manager = Annotated[Caller, Depends(needs("panel_keys.manage"))]
KeyId = Annotated[str, Path(max_length=40, pattern=r"^npk_[A-Za-z0-9]+$")]


@router.post("", status_code=201, responses=problem.responses(Invalid, *STAFF_PROBLEMS))
async def make_panel_key(body: CreatePanelKeyBody, caller: Manager, ctx: Ctx) -> NewPanelKeyBody:
    """The answer holds the secret, once."""
    async with ctx.database.writing(Role.WORK) as tx:
        made = await create_panel_key(
            tx,
            name=body.name,
            permissions=body.permissions,
            server_id=body.server_id,
            addresses=body.addresses,
            expires_at=body.expires_at,
            cipher=ctx.cipher,
            actor=f"staff:{caller.login_id}",
            now=ctx.clock.now(),
        )
    return NewPanelKeyBody(key_id=made.key_id, secret=made.secret)


@router.get("", responses=problem.responses(*STAFF_PROBLEMS))
async def show_panel_keys(_caller: Manager, ctx: Ctx, pages: Pages, server_id: UUID | None = None, live: bool = False) -> Page[PanelKeyBody]:
    """`live=true`: neither revoked nor expired."""
    statement = pages.apply(panel_keys(server_id=server_id, live_at=ctx.clock.now() if live else None), PanelKeyRow.id)
    async with ctx.database.reading(Role.WORK) as tx:
        found = await list_panel_keys(tx, statement)
    return pages.page(found, PanelKeyBody.of, lambda key: key.id)


@router.delete("/{key_id}", responses=problem.responses(NotFound, *STAFF_PROBLEMS))
async def withdraw_panel_key(key_id: KeyId, reason: Annotated[Reason, Query()], caller: Manager, ctx: Ctx) -> PanelKeyBody:
    """Revokes the key at once and for good; revoking it again changes nothing."""
    who = f"staff:{caller.login_id}"
    async with ctx.database.writing(Role.WORK) as tx:
        return PanelKeyBody.of(await revoke_panel_key(tx, key_id=key_id, actor=who, reason=reason, now=ctx.clock.now()))
