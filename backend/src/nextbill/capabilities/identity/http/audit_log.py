"""Staff: who did what."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from nextbill.capabilities.identity.http.shapes import AuditBody
from nextbill.capabilities.identity.http.users import STAFF_PROBLEMS
from nextbill.capabilities.identity.models import AuditRow
from nextbill.capabilities.identity.queries import audit_entries, list_audit
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/admin/audit", tags=["admin"])
Named = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


@router.get("", responses=problem.responses(*STAFF_PROBLEMS))
async def list_audit_entries(
    _caller: Annotated[Caller, Depends(needs("audit.read"))],
    ctx: Ctx,
    pages: Pages,
    actor: Named = None,
    object_type: Named = None,
    object_id: Named = None,
    customer_id: UUID | None = None,
) -> Page[AuditBody]:
    statement = pages.apply(audit_entries(actor=actor, object_type=object_type, object_id=object_id, customer_id=customer_id), AuditRow.id)
    async with ctx.database.reading(Role.WORK) as tx:
        found = await list_audit(tx, statement)
    return pages.page(found, AuditBody.of, lambda entry: entry.id)
