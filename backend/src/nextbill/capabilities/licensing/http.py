"""Routes of licensing: a customer's own licenses, and the question that panels ask."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.commands import reveal_key
from nextbill.capabilities.licensing.errors import LicenseNotFound
from nextbill.capabilities.licensing.queries import License, LicenseKeys, get_license, list_licenses, validate
from nextbill.capabilities.licensing.rules import Reason, Verdict
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import CustomerCaller, NotAuthenticated, NotPermitted, own_id
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import Body

PERMISSION = "validate"
_KEY = "NP-7K4M-Q2XD-9TRW"
_LICENSE = "0190f3c8-5a5c-7d2e-8f6b-0d5d5f1b2a3c"


class QuotaBody(BaseModel):
    """`limit` and `remaining` are null where unlimited."""

    resource: str = Field(examples=["databases"])
    limit: int | None = Field(examples=[50])
    used: int = Field(examples=[3])
    reserved: int = Field(examples=[0])
    remaining: int | None = Field(examples=[47])


class LicenseBody(BaseModel):
    """A license without its key: `key_hint` shows the last group, `POST …/reveal` the whole."""

    id: UUID = Field(examples=[_LICENSE])
    plan: str = Field(examples=["professional"])
    plan_name: str = Field(examples=["Professional"])
    features: list[str] = Field(examples=[["priority_support"]])
    key_hint: str = Field(examples=["NP-••••-••••-9TRW"])
    status: str = Field(examples=["active"])
    suspension_reasons: list[str] = Field(examples=[[]])
    expires_at: datetime | None = Field(examples=["2026-12-20T00:00:00Z"])
    issued_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])
    quotas: list[QuotaBody]

    @classmethod
    def of(cls, found: License) -> Self:
        quotas = [
            QuotaBody(resource=name, limit=quota.limit, used=quota.used, reserved=quota.reserved, remaining=quota.remaining)
            for name, quota in found.quotas.items()
        ]
        return cls(
            id=found.id,
            plan=found.plan_code,
            plan_name=found.plan_name,
            features=list(found.features),
            key_hint=found.key_hint,
            status=found.state,
            suspension_reasons=list(found.suspension_reasons),
            expires_at=found.expires_at,
            issued_at=found.issued_at,
            quotas=quotas,
        )


class RevealedBody(BaseModel):
    license_key: str = Field(examples=[_KEY])


class ValidateBody(Body):
    """`feature` left out checks the license alone."""

    license_key: str = Field(min_length=1, max_length=64, examples=[_KEY])
    feature: str | None = Field(default=None, min_length=1, max_length=64, examples=["create_database"])


class AllowedBody(BaseModel):
    """`remaining_quota` is null where unlimited, and where no resource was asked for."""

    model_config = ConfigDict(json_schema_extra={"title": "Allowed"})

    valid: Literal[True]
    remaining_quota: int | None = Field(examples=[5])
    resource: str | None = Field(examples=["databases"])
    expires_at: datetime | None = Field(examples=["2026-12-20T00:00:00Z"])
    plan: str = Field(examples=["professional"])
    checked_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])


class RefusedBody(BaseModel):
    """A refusal is a 200 too: the question was answered."""

    model_config = ConfigDict(json_schema_extra={"title": "Refused"})

    valid: Literal[False]
    reason: Reason = Field(examples=["quota_exceeded"])
    error: str = Field(examples=["Database quota exceeded"])
    remaining_quota: int = Field(examples=[0])
    resource: str | None = Field(examples=["databases"])
    checked_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])


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

    _add_validation(router, keys)
    return router


async def asking_panel(ctx: Ctx, request: Request) -> identity.PanelCaller:
    """The panel that signed or sent this very request, allowed to ask."""
    query = f"?{request.url.query}" if request.url.query else ""
    async with ctx.database.reading(Role.LICENSE) as tx:
        panel = await identity.authenticate_panel(
            tx,
            headers=request.headers,
            method=request.method,
            path_and_query=request.url.path + query,
            body=await request.body(),
            address=request.client.host if request.client else "",
            now=ctx.clock.now(),
            cipher=ctx.cipher,
        )
    panel.require(PERMISSION)
    return panel


AskingPanel = Annotated[identity.PanelCaller, Depends(asking_panel)]


def _add_validation(router: APIRouter, keys: LicenseKeys) -> None:
    refusals = problem.responses(identity.PanelRefused, identity.PanelKeyInvalid, identity.PanelNotPermitted)

    @router.post("/validate", responses=refusals)
    async def validate_license(ctx: Ctx, panel: AskingPanel, body: ValidateBody) -> AllowedBody | RefusedBody:
        """May the holder of this license do this now? Reads only."""
        async with ctx.database.reading(Role.LICENSE) as tx:
            verdict = await validate(tx, key=body.license_key, feature=body.feature, server_id=panel.server_id, keys=keys, now=ctx.clock.now())
        return _answer(verdict)


def _answer(verdict: Verdict) -> AllowedBody | RefusedBody:
    if verdict.reason is None:
        return AllowedBody(
            valid=True,
            remaining_quota=verdict.remaining_quota,
            resource=verdict.resource,
            expires_at=verdict.expires_at,
            plan=verdict.plan or "",
            checked_at=verdict.checked_at,
        )
    return RefusedBody(
        valid=False,
        reason=verdict.reason,
        error=verdict.error or "",
        remaining_quota=0,
        resource=verdict.resource,
        checked_at=verdict.checked_at,
    )
