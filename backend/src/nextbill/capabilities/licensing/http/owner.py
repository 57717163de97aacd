"""A customer's own licenses. Staff's are in `staff`, panels' in `panels`."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from nextbill.capabilities.licensing.commands.changes import rotate_key
from nextbill.capabilities.licensing.commands.keys import reveal_key
from nextbill.capabilities.licensing.errors import LicenseIsCancelled, LicenseNotFound
from nextbill.capabilities.licensing.http.bodies import LicenseBody, RevealedBody
from nextbill.capabilities.licensing.queries.licenses import LicenseKeys, get_license, list_licenses
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import CustomerCaller, NotAuthenticated, NotPermitted, own_id
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages


def make_router(keys: LicenseKeys) -> APIRouter:
    """`keys`: `LicenseKeys.from_secret(SECRET_KEY)`, the one with which licenses are issued."""
    router = APIRouter(prefix="/licenses", tags=["licenses"])

    @router.get("", responses=problem.responses(NotAuthenticated, NotPermitted))
    async def list_own_licenses(ctx: Ctx, caller: CustomerCaller, pages: Pages) -> Page[LicenseBody]:
        async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
            found = await list_licenses(tx, paging=pages)
        return pages.page(found, LicenseBody.of, lambda one: one.id)

    @router.get("/{license_id}", responses=problem.responses(NotAuthenticated, NotPermitted, LicenseNotFound))
    async def get_own_license(ctx: Ctx, caller: CustomerCaller, license_id: UUID) -> LicenseBody:
        async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
            return LicenseBody.of(await get_license(tx, license_id))

    @router.post("/{license_id}/reveal", responses=problem.responses(NotAuthenticated, NotPermitted, LicenseNotFound))
    async def reveal_own_license_key(ctx: Ctx, caller: CustomerCaller, license_id: UUID) -> RevealedBody:
        """Shows the key in full. The showing is written into the audit log."""
        async with ctx.database.writing(Role.APP, customer_id=own_id(caller)) as tx:
            actor = f"customer:{caller.login_id}"
            key = await reveal_key(tx, license_id=license_id, actor=actor, cipher=ctx.cipher, now=ctx.clock.now())
        return RevealedBody(license_key=key)

    @router.post("/{license_id}/rotate", responses=problem.responses(NotAuthenticated, NotPermitted, LicenseNotFound, LicenseIsCancelled))
    async def rotate_own_license_key(ctx: Ctx, caller: CustomerCaller, license_id: UUID) -> RevealedBody:
        """A new key at once. The old one is unknown from now on: the panel needs the new one."""
        async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
            await get_license(tx, license_id)  # whose it is, by the role; a customer's own role may not change licenses
        async with ctx.database.writing(Role.WORK) as tx:
            actor = f"customer:{caller.login_id}"
            key = await rotate_key(tx, license_id=license_id, actor=actor, cipher=ctx.cipher, keys=keys, now=ctx.clock.now())
        return RevealedBody(license_key=key)

    return router
