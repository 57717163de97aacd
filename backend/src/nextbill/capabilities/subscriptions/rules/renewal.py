"""What of a subscription is billed next, and whether it may be billed without a look. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from nextbill.capabilities.subscriptions.rules.items import Charge, Discount, Item, charges, each_period
from nextbill.capabilities.subscriptions.rules.states import Collection
from nextbill.capabilities.subscriptions.rules.time import Schedule
from nextbill.kernel.money import Money
from nextbill.kernel.period import Period

LATE_DAYS: Final = 7
"""A period that began longer ago and was not billed waits for staff."""
RUN: Final = "subscriptions.run"
"""Type under which invoices refer to the run that made them."""

AsideKind = Literal["late", "refused"]


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription whose next period is to be billed: `period`, of `index`."""

    id: UUID
    customer_id: UUID
    plan_code: str
    plan_name: str
    product_class: str
    currency: str
    price_version: int
    items: tuple[Item, ...]
    discount: Discount | None
    schedule: Schedule
    index: int
    period: Period
    collection: Collection
    late_allowed_on: date | None

    def charges(self) -> list[Charge]:
        """Everything with the first period that is charged, later what each period costs."""
        items = self.items if self.index == 0 else each_period(self.items)
        return charges(items, plan_code=self.plan_code, discount=self.discount, index=self.index)

    def billed(self) -> Schedule:
        """Where it stands once this period is on an invoice."""
        return replace(self.schedule, billed_index=self.index)


def too_late(due: Due, on: date) -> str | None:
    """Why staff has to look first: one overdue period is charged by itself, more of them or an older one are not. None where it may be billed."""
    first = due.period
    if first.start >= on or (due.late_allowed_on is not None and first.start <= due.late_allowed_on):
        return None
    if first.start < on - timedelta(days=LATE_DAYS):
        return f"The period from {first.start.isoformat()} was not billed for more than {LATE_DAYS} days."
    if first.end < on:
        return f"More than one period is overdue, the first from {first.start.isoformat()}."
    return None


@dataclass(frozen=True, slots=True)
class RunSum:
    """A run's invoices in one currency."""

    invoices: int
    net: Money
    tax: Money

    @property
    def total(self) -> Money:
        return self.net + self.tax
