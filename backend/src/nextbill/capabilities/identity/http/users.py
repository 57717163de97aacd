"""Staff: logins of customers and colleagues."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from nextbill.capabilities.identity.commands.logins import change_login, invite_staff
from nextbill.capabilities.identity.commands.passwords import unusable_hash
from nextbill.capabilities.identity.errors import EmailTaken, NotYourself, RoleNotPossible, TooBusy, VersionOutdated
from nextbill.capabilities.identity.http.sessions import TOKEN_PROBLEMS
from nextbill.capabilities.identity.http.shapes import InviteBody, Reason, UserBody, UserChangeBody
from nextbill.capabilities.identity.models import LoginRow
from nextbill.capabilities.identity.queries import Login, get_login, list_logins, searched_logins
from nextbill.capabilities.identity.rules import RoleName
from nextbill.kernel.errors import NotFound
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotPermitted, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/admin/users", tags=["admin"])
STAFF_PROBLEMS = (*TOKEN_PROBLEMS, NotPermitted)
Reader = Annotated[Caller, Depends(needs("users.read"))]
Manager = Annotated[Caller, Depends(needs("users.manage"))]
IfMatch = Annotated[str | None, Header(description='The ETag that was read, such as "3": refused with 412 if it is another by now')]


@router.get("", responses=problem.responses(*STAFF_PROBLEMS))
async def list_users(
    _caller: Reader,
    ctx: Ctx,
    pages: Pages,
    search: Annotated[str | None, Query(max_length=254, pattern=r"^[^\x00-\x1f]*$", description="Part of the e-mail address")] = None,
    role: RoleName | None = None,
    disabled: bool | None = None,
) -> Page[UserBody]:
    statement = pages.apply(searched_logins(search=search, role=role, disabled=disabled), LoginRow.id)
    async with ctx.database.reading(Role.WORK) as tx:
        found = await list_logins(tx, statement)
    return pages.page(found, UserBody.of, lambda login: login.id)


@router.post("", status_code=201, responses=problem.responses(EmailTaken, RoleNotPossible, TooBusy, *STAFF_PROBLEMS))
async def invite_user(body: InviteBody, caller: Manager, ctx: Ctx) -> UserBody:
    """A colleague: the address gets a mail with a link to choose a password."""
    unusable = await unusable_hash()
    async with ctx.database.writing(Role.WORK) as tx:
        who = f"staff:{caller.login_id}"
        login_id = await invite_staff(tx, email=body.email, unusable=unusable, role=body.role, actor=who, reason=body.reason, now=ctx.clock.now())
        return UserBody.of(await get_login(tx, login_id))


@router.get("/{user_id}", responses=problem.responses(NotFound, *STAFF_PROBLEMS))
async def read_user(user_id: UUID, _caller: Reader, ctx: Ctx, response: Response) -> UserBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return _shown(await get_login(tx, user_id), response)


@router.put("/{user_id}", responses=problem.responses(NotFound, NotYourself, RoleNotPossible, VersionOutdated, *STAFF_PROBLEMS))
async def change_user(user_id: UUID, body: UserChangeBody, caller: Manager, ctx: Ctx, response: Response, if_match: IfMatch = None) -> UserBody:
    """Another role, disabled, or enabled again; the reason is audited. What is left out stays. All its sessions end."""
    async with ctx.database.writing(Role.WORK) as tx:
        changed = await change_login(
            tx,
            login_id=user_id,
            role=body.role,
            disabled=body.disabled,
            expected_version=_version(if_match),
            actor=await get_login(tx, caller.login_id),
            reason=body.reason,
            now=ctx.clock.now(),
        )
    return _shown(changed, response)


@router.delete("/{user_id}", responses=problem.responses(NotFound, NotYourself, VersionOutdated, *STAFF_PROBLEMS))
async def disable_user(
    user_id: UUID, reason: Annotated[Reason, Query()], caller: Manager, ctx: Ctx, response: Response, if_match: IfMatch = None
) -> UserBody:
    """Disables the login; documents and services stay. A customer's data is erased by a procedure of its own."""
    async with ctx.database.writing(Role.WORK) as tx:
        actor = await get_login(tx, caller.login_id)
        changed = await change_login(
            tx, login_id=user_id, role=None, disabled=True, expected_version=_version(if_match), actor=actor, reason=reason, now=ctx.clock.now()
        )
    return _shown(changed, response)


def _shown(login: Login, response: Response) -> UserBody:
    response.headers["ETag"] = f'"{login.version}"'
    return UserBody.of(login)


def _version(if_match: str | None) -> int | None:
    """None where any version will do. What is no version of ours matches none."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
