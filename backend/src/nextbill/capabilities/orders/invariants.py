"""What must always hold of orders."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant

DELIVERED_WITHIN = timedelta(hours=24)

_FORGOTTEN = text(
    "select o.id, o.number, l.id as line_id, l.kind, l.state, o.paid_at from orders_order o join orders_line l on l.order_id = o.id "
    "where o.state = 'paid' and o.paid_at < :before and l.state in ('waiting','requested') limit :shown"
)
_INCOMPLETE = text(
    "select o.id, o.number, o.state from orders_order o where (o.state = 'completed' and exists "
    "  (select 1 from orders_line l where l.order_id = o.id and l.state not in ('delivered','cancelled'))) "
    "or (o.state = 'pending' and exists (select 1 from orders_line l where l.order_id = o.id and l.state <> 'waiting')) "
    "or o.number is null or (o.proforma_id is null) <> (o.net_minor + o.tax_minor = 0) limit :shown"
)
_UNBALANCED = text(
    "select o.id, o.number, o.net_minor, o.tax_minor, sum(l.net_minor) as net, sum(l.tax_minor) as tax from orders_order o "
    "left join orders_line l on l.order_id = o.id group by o.id "
    "having coalesce(sum(l.net_minor), -1) <> o.net_minor or coalesce(sum(l.tax_minor), -1) <> o.tax_minor limit :shown"
)

_APART = text(
    "select l.id, l.net_minor, l.tax_minor, sum(p.net_minor) as net, sum(p.tax_minor) as tax from orders_line l "
    "left join orders_part p on p.line_id = l.id group by l.id "
    "having coalesce(sum(p.net_minor), -1) <> l.net_minor or coalesce(sum(p.tax_minor), -1) <> l.tax_minor limit :shown"
)


async def _forgotten(tx: ReadTx, now: datetime) -> list[str]:
    rows = await tx.execute(_FORGOTTEN, {"shown": SHOWN, "before": now - DELIVERED_WITHIN})
    return [f"order {row.number}: line {row.line_id} ({row.kind}) is {row.state}, paid {row.paid_at.isoformat()}" for row in rows]


async def _incomplete(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_INCOMPLETE, {"shown": SHOWN})
    return [f"order {row.number or row.id} is {row.state}, and its lines or numbers say something else" for row in rows]


async def _unbalanced(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_UNBALANCED, {"shown": SHOWN})
    return [f"order {row.number}: {row.net_minor} + {row.tax_minor}, but its lines make {row.net} + {row.tax}" for row in rows]


async def _apart(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_APART, {"shown": SHOWN})
    return [f"order line {row.id}: {row.net_minor} + {row.tax_minor}, but its parts make {row.net} + {row.tax}" for row in rows]


INVARIANTS = (
    Invariant("paid_orders_fulfilled", "What was paid is delivered within a day, or somebody was told why not.", _forgotten),
    Invariant("order_states_agree", "An order's state and its lines' tell the same story.", _incomplete),
    Invariant("order_parts_agree", "A line of an order costs what its parts cost.", _apart),
    Invariant("order_totals_agree", "An order costs what its lines cost.", _unbalanced),
)
