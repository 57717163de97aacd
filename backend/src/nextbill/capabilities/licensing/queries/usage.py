"""What is used, what was, and what its owner was warned of. `zone`: the seller's, whose days count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast as typing_cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Row, Select, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from nextbill.capabilities.licensing.models import AlertRow, ReservationRow, UsageEventRow
from nextbill.capabilities.licensing.rules.usage import ReservationState, percent
from nextbill.capabilities.licensing.rules.verdict import Quota
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging


@dataclass(frozen=True, slots=True)
class Day:
    """What changed of one resource on a day: `used` at its end, `peak` the most at any time of it."""

    day: date
    resource: str
    used: int
    peak: int
    created: int
    deleted: int
    highest_percent: int | None


@dataclass(frozen=True, slots=True)
class ResourceReport:
    resource: str
    limit: int | None
    used: int
    created: int
    deleted: int
    peak: int
    highest_percent: int | None


@dataclass(frozen=True, slots=True)
class Alert:
    id: UUID
    license_id: UUID
    resource: str
    threshold: int
    used: int
    limit: int
    period: date
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A reservation as staff see it."""

    id: UUID
    resource: str
    quantity: int
    external_id: str
    state: ReservationState
    expires_at: datetime
    created_at: datetime
    settled_at: datetime | None


async def usage_by_day(tx: ReadTx, *, license_id: UUID, first: date, last: date, zone: str, resource: str | None = None) -> list[Day]:
    """Days with a change, oldest first. Between them nothing changed."""
    day = cast(func.timezone(zone, UsageEventRow.at), Date).label("day")
    grown, ordered = UsageEventRow.used_after - UsageEventRow.used_before, (UsageEventRow.at, UsageEventRow.id)
    share = func.max(UsageEventRow.used_after * 100 / func.nullif(UsageEventRow.limit_count, 0))
    statement = (
        select(
            day,
            UsageEventRow.resource,
            func.array_agg(aggregate_order_by(UsageEventRow.used_after, *(column.desc() for column in ordered)))[1],
            func.greatest(func.max(UsageEventRow.used_after), func.max(UsageEventRow.used_before)),
            func.coalesce(func.sum(grown).filter(grown > 0), 0),
            func.coalesce(-func.sum(grown).filter(grown < 0), 0),
            share,
        )
        .where(*_within(license_id, first, last, zone, resource))
        .group_by(day, UsageEventRow.resource)
        .order_by(day, UsageEventRow.resource)
    )
    return [_day(row) for row in await tx.execute(statement)]


def _day(row: Row[date, str, int, int, int, int, int | None]) -> Day:
    day, resource, used, peak, created, deleted, share = row
    return Day(day, resource, used, peak, int(created), int(deleted), None if share is None else int(share))


def reported(quotas: Sequence[tuple[str, Quota]], days: Sequence[Day]) -> list[ResourceReport]:
    """A line for each quota, with what the days say of it. Where nothing changed, what is used now was used all the time."""
    by_resource: dict[str, list[Day]] = defaultdict(list)
    for day in days:
        by_resource[day.resource].append(day)
    return [_report(name, quota, by_resource[name]) for name, quota in quotas]


def _report(resource: str, quota: Quota, days: Sequence[Day]) -> ResourceReport:
    peak = max((day.peak for day in days), default=quota.used)
    shares = [day.highest_percent for day in days if day.highest_percent is not None]
    highest = max([*shares, percent(quota.used, quota.limit) or 0], default=None) if quota.limit is not None else None
    return ResourceReport(resource, quota.limit, quota.used, sum(day.created for day in days), sum(day.deleted for day in days), peak, highest)


def _within(license_id: UUID, first: date, last: date, zone: str, resource: str | None) -> list[ColumnElement[bool]]:
    """Bounds on `at` itself, so that only the partitions of these months are read."""
    begins = datetime.combine(first, time(), ZoneInfo(zone))
    ends = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone))
    found = [UsageEventRow.license_id == license_id, UsageEventRow.at >= begins, UsageEventRow.at < ends]
    return found if resource is None else [*found, UsageEventRow.resource == resource]


async def list_alerts(tx: ReadTx, *, paging: Paging, license_id: UUID | None = None, customer_id: UUID | None = None) -> list[Alert]:
    """Newest first, one more than the page. Whose they may be is the role's to say, and `customer_id`'s."""
    statement: Select[AlertRow] = select(AlertRow)
    if license_id is not None:
        statement = statement.where(AlertRow.license_id == license_id)
    if customer_id is not None:
        statement = statement.where(AlertRow.customer_id == customer_id)
    rows = (await tx.execute(paging.apply(statement, AlertRow.id))).scalars()
    return [Alert(row.id, row.license_id, row.resource, row.threshold, row.used_count, row.limit_count, row.period, row.raised_at) for row in rows]


def _state(text: str) -> ReservationState:
    """A CHECK keeps the words."""
    return typing_cast("ReservationState", text)


async def list_reservations(tx: ReadTx, *, license_id: UUID, paging: Paging) -> list[Hold]:
    """Newest first, one more than the page."""
    statement = select(ReservationRow).where(ReservationRow.license_id == license_id)
    rows = (await tx.execute(paging.apply(statement, ReservationRow.id))).scalars()
    return [
        Hold(
            row.id,
            row.resource,
            row.quantity,
            row.external_id,
            _state(row.state),
            row.expires_at,
            row.created_at,
            row.settled_at,
        )
        for row in rows
    ]
