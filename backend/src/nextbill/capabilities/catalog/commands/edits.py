"""What every change of the catalog has in common: who, why, on which version, written to the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from nextbill.capabilities import identity
from nextbill.capabilities.catalog.errors import CodeTaken
from nextbill.capabilities.catalog.models import CouponRow, OptionRow, PlanRow, TldRow
from nextbill.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Edit:
    """`expected_version` None: whatever it is now (no If-Match was sent)."""

    actor: str
    reason: str | None = None
    expected_version: int | None = None


def expect(row: PlanRow | OptionRow | CouponRow | TldRow, edit: Edit) -> None:
    """VersionOutdated where somebody else was faster; otherwise the row has its next version."""
    if edit.expected_version is not None and row.version != edit.expected_version:
        raise identity.VersionOutdated
    row.version += 1


async def audited(tx: Tx, edit: Edit, action: str, object_id: UUID, *, detail: dict[str, Any], now: datetime) -> None:
    await identity.audit(
        tx, actor=edit.actor, action=f"catalog.{action}", object_type=f"catalog.{action.partition('_')[0]}", object_id=object_id, reason=edit.reason,
        detail=detail, now=now,
    )  # fmt: skip


async def add(tx: Tx, row: Any) -> None:
    """A new row, alone in a flush: CodeTaken where its code is another's."""
    tx.add(row)
    try:
        await tx.flush()
    except IntegrityError as error:
        if "_code" in str(error.orig) or "_tld" in str(error.orig):
            raise CodeTaken(fields={"code": "choose another one"}) from error
        raise
