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
    "left join runtime_step s on s.name = case a.kind when 'charge' then 'payments.charge' else 'payments.open_checkout' end and s.subject_id = a.id "
    "where (a.state = 'requested' and a.requested_at < :before and (s.id is null or s.state not in ('requested','calling','pending','in_doubt'))) "
    "or (a.state = 'open' and (a.next_check_at is null or (a.kind = 'checkout' and a.expires_at < :before))) limit :shown"
)
_COLLECTIONS = text(
    "select c.payable_id, c.state, a.state as attempt from payments_collection c left join payments_attempt a on a.id = c.attempt_id "
    "where c.state = 'trying' and (a.payable_id <> c.payable_id or a.state not in ('requested','open','parked')) "
    "or (c.state = 'collected' and not exists (select 1 from payments_attempt p where p.payable_id = c.payable_id and p.state = 'succeeded')) limit :shown"
)
_DEFAULTS = text(
    "select customer_id, count(*) as cards, count(*) filter (where is_default) as defaults from payments_method where state = 'active' "
    "group by customer_id having count(*) filter (where is_default) <> 1 limit :shown"
)
_CAPS = text(
    "select d.fingerprint, cap.declines, cap.hours, max(d.inside) as inside from payments_scheme_cap cap join payments_card k "
    "  on cap.brand = case when exists (select 1 from payments_scheme_cap o where o.brand = k.brand) then k.brand else '*' end "
    "join (select l.fingerprint, p.hours, (select count(*) from payments_decline e where e.fingerprint = l.fingerprint "
    "    and e.declined_at <= l.declined_at and e.declined_at > l.declined_at - make_interval(hours => p.hours)) as inside "
    "  from payments_decline l cross join (select distinct hours from payments_scheme_cap) p where l.declined_at > :month) d "
    "  on d.fingerprint = k.fingerprint and d.hours = cap.hours "
    "where d.inside > cap.declines group by d.fingerprint, cap.declines, cap.hours limit :shown"
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


async def _collections(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_COLLECTIONS, {"shown": SHOWN})
    return [f"payable {row.payable_id}: its collection is {row.state}, its charge {row.attempt}" for row in rows]


async def _defaults(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_DEFAULTS, {"shown": SHOWN})
    return [f"customer {row.customer_id}: {row.cards} saved cards, {row.defaults} of them the default" for row in rows]


async def _caps(tx: ReadTx, now: datetime) -> list[str]:
    rows = await tx.execute(_CAPS, {"shown": SHOWN, "month": now - timedelta(days=30)})
    return [f"a card was declined {row.inside} times in {row.hours} hours, its scheme allows {row.declines}" for row in rows]


INVARIANTS = (
    Invariant("one_net_charge_per_paid_payable", "What is paid was charged once; what came beyond that is on its way back.", _charges),
    Invariant("refunds_within_paid", "No more goes back than came in, and every refund is counted.", _refunds),
    Invariant("collections_follow_charges", "What is being collected has its charge, and what was collected has its payment.", _collections),
    Invariant("one_default_card", "Whoever has saved cards has one that is charged.", _defaults),
    Invariant("cards_within_caps", "No card was declined more often than its scheme allows.", _caps),
    Invariant("attempts_not_stuck", "Every payment under way has a step or a check that will conclude it.", _stuck),
)
