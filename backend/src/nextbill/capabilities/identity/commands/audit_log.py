"""Who did what, in the transaction in which it was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from nextbill.capabilities.identity.models import AuditRow
from nextbill.kernel.ids import new_id
from nextbill.runtime import correlation
from nextbill.runtime.database import Tx


async def audit(
    tx: Tx,
    *,
    actor: str,
    action: str,
    object_type: str,
    object_id: UUID | str,
    customer_id: UUID | None = None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """`actor` is customer:<login_id>, staff:<login_id>, panel:<key_id> or system; `detail` holds references, never secrets or personal data.

    A customer's own transaction must name its customer: row-level security refuses the row otherwise.
    """
    values = {"actor": actor, "action": action, "object_type": object_type, "object_id": str(object_id), "customer_id": customer_id}
    await tx.execute(insert(AuditRow).values(id=new_id(), at=now, reason=reason, detail=detail, correlation=correlation.current(), **values))
