"""Where the buyer of a sale is: what says so is noted once for each kind, and judged when the sale is made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.tax.commands.tasks import open_task
from nextbill.capabilities.tax.models import EvidenceRow
from nextbill.capabilities.tax.queries.buyers import evidence_of
from nextbill.capabilities.tax.rules import Proof, ProofKind, Verdict, judge
from nextbill.capabilities.tax.rules.union import territory
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx


async def note_evidence(
    tx: Tx,
    *,
    customer_id: UUID,
    subject_type: str,
    subject_id: UUID,
    kind: ProofKind,
    country: str,
    source_type: str,
    source_id: UUID | None = None,
    now: datetime,
) -> None:
    """The first of a kind for a sale stays: what was known when it was made. `source` refers to where the country was read, `country` is ISO 3166."""
    values = {"customer_id": customer_id, "subject_type": subject_type, "subject_id": subject_id, "kind": kind, "country": country}
    source = {"source_type": source_type, "source_id": source_id, "at": now}
    await tx.execute(upsert(EvidenceRow).values(id=new_id(), **values, **source).on_conflict_do_nothing())


async def judge_evidence(tx: Tx, *, customer_id: UUID, subject_type: str, subject_id: UUID, charged_for: str, now: datetime) -> Verdict:
    """Two kinds must agree with the country that was charged for; where one contradicts and they do not, staff is told."""
    found = await evidence_of(tx, subject_type=subject_type, subject_id=subject_id)
    verdict = judge([Proof(item.kind, territory(item.country, None).country) for item in found], charged_for=charged_for)
    if verdict == "conflict":
        told: dict[str, str] = {"charged_for": charged_for}
        told |= {str(item.kind): item.country for item in found}
        await open_task(tx, kind="location_conflict", customer_id=customer_id, subject_type=subject_type, subject_id=subject_id, detail=told, now=now)
    return verdict
