"""Staff: what is changed of a license by hand, each with its reason, and the keys that leases are signed with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.commands.changes import override_limits, rotate_key
from nextbill.capabilities.licensing.commands.keys import reveal_key
from nextbill.capabilities.licensing.commands.lifecycle import (
    activate_license,
    cancel_license,
    extend_license,
    move_license,
    suspend_license,
)
from nextbill.capabilities.licensing.commands.signing import rotate_signing_key
from nextbill.capabilities.licensing.errors import LicenseIsCancelled, LicenseNotFound
from nextbill.capabilities.licensing.http.bodies import (
    ExtendBody,
    HoldBody,
    LicenseBody,
    LimitsBody,
    MoveBody,
    ReasonBody,
    RevealedBody,
    RotateSigningKeyBody,
    SigningKeyBody,
    StatusBody,
)
from nextbill.capabilities.licensing.queries.leases import list_signing_keys
from nextbill.capabilities.licensing.queries.licenses import LicenseKeys, get_license
from nextbill.capabilities.licensing.queries.usage import list_reservations
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import ReadTx, Role, Tx
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

Reads = Annotated[Caller, Depends(needs("licenses.read_all"))]
Manages = Annotated[Caller, Depends(needs("licenses.manage"))]
Reveals = Annotated[Caller, Depends(needs("licenses.reveal"))]
KeepsKeys = Annotated[Caller, Depends(needs("panel_keys.manage"))]
ServerIsKnown = Callable[[ReadTx, UUID], Awaitable[bool]]
_DENIALS = (NotAuthenticated, NotPermitted)
_REFUSALS = problem.responses(*_DENIALS, LicenseNotFound, LicenseIsCancelled, Invalid)


def make_staff_router(keys: LicenseKeys, *, server_is_known: ServerIsKnown) -> APIRouter:
    """`server_is_known`: licensing takes servers as opaque ids; whoever wires it knows which there are."""
    router = APIRouter(prefix="/admin", tags=["admin"])
    _standing(router, server_is_known)
    _keys(router, keys)
    _reservations(router)
    _signing_keys(router)
    return router


def _standing(router: APIRouter, server_is_known: ServerIsKnown) -> None:
    @router.put("/licenses/{license_id}/status", responses=_REFUSALS)
    async def change_license_status(ctx: Ctx, caller: Manages, license_id: UUID, body: StatusBody) -> LicenseBody:
        """Refused or granted again from the first question after this. No site or mailbox is switched off by it."""
        async with ctx.database.writing(Role.WORK) as tx:
            await _change_status(tx, license_id, body, ctx=ctx)
            detail = {"status": body.status, "reason": body.reason}
            await _audit(tx, license_id, caller, "status_changed", reason=body.note, detail=detail, ctx=ctx)
            return LicenseBody.of(await get_license(tx, license_id))

    @router.put("/licenses/{license_id}/limits", responses=_REFUSALS)
    async def change_license_limits(ctx: Ctx, caller: Manages, license_id: UUID, body: LimitsBody) -> LicenseBody:
        """Limits and features of this license alone. A limit below what is used takes nothing away."""
        async with ctx.database.writing(Role.WORK) as tx:
            await override_limits(
                tx, license_id=license_id, limits=body.limits, features=body.features, actor=_actor(caller), reason=body.reason, now=ctx.clock.now()
            )
            return LicenseBody.of(await get_license(tx, license_id))

    @router.post("/licenses/{license_id}/move", responses=_REFUSALS)
    async def move_license_to_server(ctx: Ctx, caller: Manages, license_id: UUID, body: MoveBody) -> LicenseBody:
        """Binds the license to another server. The account itself is moved at the panel; this moves the permission."""
        async with ctx.database.writing(Role.WORK) as tx:
            if not await server_is_known(tx, body.server_id):
                raise Invalid(fields={"server_id": "there is no such server"})
            await move_license(tx, license_id=license_id, server_id=body.server_id, now=ctx.clock.now())
            await _audit(tx, license_id, caller, "moved", reason=body.reason, detail={"server_id": str(body.server_id)}, ctx=ctx)
            return LicenseBody.of(await get_license(tx, license_id))

    @router.post("/licenses/{license_id}/extend", responses=_REFUSALS)
    async def extend_license_by_hand(ctx: Ctx, caller: Manages, license_id: UUID, body: ExtendBody) -> LicenseBody:
        """A later end, grace included. An end is never moved back."""
        async with ctx.database.writing(Role.WORK) as tx:
            if body.expires_at.tzinfo is None:
                raise Invalid(fields={"expires_at": "a time with its zone, such as 2026-12-20T00:00:00Z"})
            before = (await get_license(tx, license_id)).expires_at
            if before is not None and body.expires_at <= before:
                raise Invalid(fields={"expires_at": "a time after the present end: an end is never moved back"})
            await extend_license(tx, license_id=license_id, expires_at=body.expires_at, now=ctx.clock.now())
            await _audit(tx, license_id, caller, "extended", reason=body.reason, detail={"expires_at": body.expires_at.isoformat()}, ctx=ctx)
            return LicenseBody.of(await get_license(tx, license_id))


async def _change_status(tx: Tx, license_id: UUID, body: StatusBody, *, ctx: Ctx) -> None:
    now = ctx.clock.now()
    if body.status == "cancelled":
        await cancel_license(tx, license_id=license_id, now=now)
    elif body.reason is None:
        raise Invalid(fields={"reason": "unpaid, abuse, fraud or legal"})
    elif body.status == "suspended":
        await suspend_license(tx, license_id=license_id, reason=body.reason, now=now)
    else:
        await activate_license(tx, license_id=license_id, reason=body.reason, now=now)
    await tx.flush()


def _keys(router: APIRouter, keys: LicenseKeys) -> None:
    @router.post("/licenses/{license_id}/rotate", responses=_REFUSALS)
    async def rotate_license_key(ctx: Ctx, caller: Reveals, license_id: UUID, body: ReasonBody) -> RevealedBody:
        """A new key at once; the old one is unknown from now on."""
        async with ctx.database.writing(Role.WORK) as tx:
            key = await rotate_key(
                tx, license_id=license_id, actor=_actor(caller), reason=body.reason, cipher=ctx.cipher, keys=keys, now=ctx.clock.now()
            )
        return RevealedBody(license_key=key)

    @router.post("/licenses/{license_id}/reveal", responses=_REFUSALS)
    async def reveal_license_key(ctx: Ctx, caller: Reveals, license_id: UUID, body: ReasonBody) -> RevealedBody:
        """Shows the key in full. The showing is written into the audit log with its reason."""
        async with ctx.database.writing(Role.WORK) as tx:
            key = await reveal_key(tx, license_id=license_id, actor=_actor(caller), reason=body.reason, cipher=ctx.cipher, now=ctx.clock.now())
        return RevealedBody(license_key=key)


def _reservations(router: APIRouter) -> None:
    @router.get("/licenses/{license_id}/reservations", responses=problem.responses(*_DENIALS, LicenseNotFound))
    async def list_license_reservations(ctx: Ctx, _caller: Reads, license_id: UUID, pages: Pages) -> Page[HoldBody]:
        """Newest first."""
        async with ctx.database.reading(Role.WORK) as tx:
            await get_license(tx, license_id)
            found = await list_reservations(tx, license_id=license_id, paging=pages)
        return pages.page(found, HoldBody.of, lambda one: one.id)


def _signing_keys(router: APIRouter) -> None:
    @router.get("/license-signing-keys", responses=problem.responses(*_DENIALS))
    async def list_license_signing_keys(ctx: Ctx, _caller: KeepsKeys) -> list[SigningKeyBody]:
        """Newest first."""
        async with ctx.database.reading(Role.WORK) as tx:
            return [SigningKeyBody.of(key) for key in await list_signing_keys(tx)]

    @router.post("/license-signing-keys", status_code=status.HTTP_201_CREATED, responses=problem.responses(*_DENIALS, Invalid))
    async def rotate_license_signing_key(ctx: Ctx, caller: KeepsKeys, body: RotateSigningKeyBody) -> list[SigningKeyBody]:
        """A new key, shown for a day before it signs; at once, and alone, where the present one is in wrong hands."""
        async with ctx.database.writing(Role.WORK) as tx:
            await rotate_signing_key(
                tx, actor=_actor(caller), reason=body.reason, compromised=body.compromised, cipher=ctx.cipher, now=ctx.clock.now()
            )
            return [SigningKeyBody.of(key) for key in await list_signing_keys(tx)]


def _actor(caller: Caller) -> str:
    return f"staff:{caller.login_id}"


async def _audit(tx: Tx, license_id: UUID, caller: Caller, what: str, *, reason: str, detail: Mapping[str, object], ctx: Ctx) -> None:
    found = await get_license(tx, license_id)
    await identity.audit(
        tx,
        actor=_actor(caller),
        action=f"license.{what}",
        object_type="license",
        object_id=license_id,
        customer_id=found.customer_id,
        reason=reason,
        detail=dict(detail),
        now=ctx.clock.now(),
    )
