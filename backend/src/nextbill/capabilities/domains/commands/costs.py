"""What names cost us: booked once for each registration, renewal or transfer, against the balance that we have paid in at the registrar.

What the registrar says that it charged counts. Where it does not tell (a name found by looking after a lost answer), the price that staff
keeps for the ending does. The list is ours, not the catalog's: it is what a registrar charges, not what we ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import catalog, ledger
from nextbill.capabilities.domains.models import CostRow
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx, Tx

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Charge:
    """A deed of the registrar's. `kind` names it among those of the domain: `registration`, `renewal-2028-03-01`. `told`: what it says it took."""

    domain_id: UUID
    tld: str
    operation: catalog.DomainOperation
    years: int
    kind: str
    told: Money | None


@dataclass(frozen=True, slots=True)
class Cost:
    """For one year."""

    tld: str
    operation: str
    valid_from: date
    price: Money


async def book_cost(tx: Tx, charge: Charge, *, on: date, now: datetime) -> Money | None:
    """What was booked. None, and a warning, where nobody knows what it cost."""
    cost = charge.told or await _listed(tx, charge, on=on)
    if cost is None:
        log.warning("nobody knows what a name cost", domain_id=str(charge.domain_id), tld=charge.tld, operation=charge.operation)
        return None
    if not cost:
        return cost
    product = f"tld:{charge.tld}"
    entries = (
        ledger.Entry(ledger.Account.COST_DOMAINS, cost, product=product),
        ledger.Entry(ledger.Account.REGISTRAR_PREPAID, -cost, product=product),
    )
    journal = ledger.Journal("domains.domain", charge.domain_id, f"Cost of a {charge.operation} of .{charge.tld}", entries, kind=charge.kind)
    await ledger.post(tx, journal=journal, on=on, now=now)
    return cost


async def set_cost(tx: Tx, *, cost: Cost, now: datetime) -> None:
    """From a day on; another price for the same day takes its place. What is booked stays."""
    row = upsert(CostRow).values(
        tld=cost.tld,
        operation=cost.operation,
        valid_from=cost.valid_from,
        price_minor=cost.price.minor,
        currency=cost.price.currency,
        set_at=now,
    )
    newer = {name: row.excluded[name] for name in ("price_minor", "currency", "set_at")}
    await tx.execute(row.on_conflict_do_update(index_elements=["tld", "operation", "valid_from"], set_=newer))


async def list_costs(tx: ReadTx) -> list[Cost]:
    """By ending and operation, the youngest first."""
    rows = await tx.execute(select(CostRow).order_by(CostRow.tld, CostRow.operation, CostRow.valid_from.desc()))
    return [_cost(row) for row in rows.scalars()]


async def cost_on(tx: ReadTx, *, tld: str, operation: str, on: date) -> Cost | None:
    same = (CostRow.tld == tld, CostRow.operation == operation, CostRow.valid_from <= on)
    row = (await tx.execute(select(CostRow).where(*same).order_by(CostRow.valid_from.desc()).limit(1))).scalar_one_or_none()
    return _cost(row) if row else None


async def _listed(tx: ReadTx, charge: Charge, *, on: date) -> Money | None:
    found = await cost_on(tx, tld=charge.tld, operation=charge.operation, on=on)
    return found.price * charge.years if found else None


def _cost(row: CostRow) -> Cost:
    return Cost(row.tld, row.operation, row.valid_from, Money(row.price_minor, row.currency))
