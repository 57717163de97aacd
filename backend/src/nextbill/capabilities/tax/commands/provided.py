"""Rates that a tax provider says: wanted by place and class, asked by a job, kept as rows, asked again every day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.tax.models import ProviderRateRow
from nextbill.capabilities.tax.ports import Answer
from nextbill.capabilities.tax.queries.policies import policy_on
from nextbill.kernel.ids import new_id
from nextbill.runtime import jobs
from nextbill.runtime.database import Tx

ASK_RATE = "tax.ask_rate"
CLASSES = ("domain", "hosting")
"""What a shop sells, as the books know it."""
UNDER_WAY = timedelta(minutes=2)
HELD = timedelta(days=1)
_PAUSE = timedelta(minutes=5)


async def want_rates(tx: Tx, *, country: str, state: str, postal_code: str, now: datetime, classes: Sequence[str] = CLASSES) -> None:
    """For a buyer's place, where the policy has a provider say the rates. What is known stays until the provider says something else."""
    policy = await policy_on(tx, now.date())
    if policy is None or country not in policy.provider_countries:
        return
    place = {"country": country, "state": state, "postal_code": postal_code}
    for name in classes:
        row = upsert(ProviderRateRow).values(id=new_id(), **place, product_class=name, version=0, asked_at=now, next_at=now + UNDER_WAY)
        made = (await tx.execute(row.on_conflict_do_nothing().returning(ProviderRateRow.id))).scalar_one_or_none()
        if made is not None:
            await jobs.enqueue(tx, ASK_RATE, {"rate_id": str(made)})


async def ask_due(tx: Tx, *, now: datetime) -> None:
    """For the tick: fifty at once, each put off first, so that no other worker takes it too."""
    due = (
        select(ProviderRateRow.id).where(ProviderRateRow.next_at <= now).order_by(ProviderRateRow.next_at).limit(50).with_for_update(skip_locked=True)
    )
    taken = list(await tx.scalars(due))
    if taken:
        await tx.execute(update(ProviderRateRow).where(ProviderRateRow.id.in_(taken)).values(next_at=now + UNDER_WAY))
        await jobs.enqueue_many(tx, [(ASK_RATE, {"rate_id": str(rate_id)}) for rate_id in taken])


async def record_rate(tx: Tx, rate_id: UUID, answer: Answer, *, now: datetime) -> None:
    """Another rate than before is another version."""
    row = (await tx.scalars(select(ProviderRateRow).where(ProviderRateRow.id == rate_id).with_for_update())).one()
    row.version += (row.rate_ppm, row.name) != (answer.rate_ppm, answer.name)
    row.rate_ppm, row.name, row.problem = answer.rate_ppm, answer.name, None
    row.answered_at, row.next_at = now, now + HELD
    await tx.flush()


async def record_no_rate(tx: Tx, rate_id: UUID, *, reason: str, now: datetime) -> None:
    """An earlier answer stays; without one the policy's `provider_failure` decides what a sale does."""
    await tx.execute(update(ProviderRateRow).where(ProviderRateRow.id == rate_id).values(problem=reason, next_at=now + _PAUSE))
