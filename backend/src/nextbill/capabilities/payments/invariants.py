"""What must always hold of payments."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant

STUCK_AFTER = timedelta(hours=1)

_CHARGES = text(
    "select p.id, p.state, count(a.id) filter (where not a.surplus) as charges, count(a.id) filter (where a.surplus and a.refunded_minor <> a.paid_minor) as kept, "
    "  min(a.paid_minor) filter (where not a.surplus) as paid, p.amount_minor, p.reduced_minor "
    "from payments_payable p left join payments_attempt a on a.payable_id = p.id and a.state = 'succeeded' "
    "group by p.id having count(a.id) filter (where a.surplus and a.refunded_minor <> a.paid_minor) > 0 "
    "  or (p.state = 'paid' and count(a.id) filter (where not a.surplus) <> 1) "
    "  or (p.state in ('open','cancelled') and count(a.id) filter (where not a.surplus) > 0) "
    "  or min(a.paid_minor) filter (where not a.surplus) not between p.amount_minor and p.amount_minor + p.reduced_minor "
    "limit :shown"
)
_REFUNDS = text(
    "select a.id, a.paid_minor, a.refunded_minor, coalesce(sum(r.amount_minor) filter (where r.state <> 'failed'), 0) as asked "
    "from payments_attempt a left join payments_refund r on r.attempt_id = a.id group by a.id "
    "having a.refunded_minor > a.paid_minor or a.refunded_minor <> coalesce(sum(r.amount_minor) filter (where r.state <> 'failed'), 0) limit :shown"
)
_STUCK = text(
    "select a.id, a.state, a.requested_at from payments_attempt a "
    "left join runtime_step s on s.name = 'payments.open_checkout' and s.subject_id = a.id "
    "where (a.state = 'requested' and a.requested_at < :before and (s.id is null or s.state not in ('requested','calling','pending','in_doubt'))) "
    "or (a.state = 'open' and (a.next_check_at is null or a.expires_at < :before)) limit :shown"
)


async def _charges(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_CHARGES, {"shown": SHOWN})
    return [
        f"payable {row.id} ({row.state}, {row.amount_minor}): {row.charges} charges of {row.paid}, {row.kept} surplus payments kept" for row in rows
    ]


async def _refunds(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_REFUNDS, {"shown": SHOWN})
    return [f"payment {row.id}: {row.paid_minor} in, {row.refunded_minor} out, {row.asked} in refunds" for row in rows]


async def _stuck(tx: ReadTx, now: datetime) -> list[str]:
    rows = await tx.execute(_STUCK, {"shown": SHOWN, "before": now - STUCK_AFTER})
    return [f"payment {row.id}: {row.state} since {row.requested_at.isoformat()}, and nothing will move it" for row in rows]


INVARIANTS = (
    Invariant("one_net_charge_per_paid_payable", "What is paid was charged once; what came beyond that is on its way back.", _charges),
    Invariant("refunds_within_paid", "No more goes back than came in, and every refund is counted.", _refunds),
    Invariant("attempts_not_stuck", "Every payment under way has a step or a check that will conclude it.", _stuck),
)
