"""What of a subscription is billed next, and whether it may be billed without a look. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

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
UNFIT: Final = (ValueError, ArithmeticError, LookupError, TypeError)
"""What the rules raise over figures that cannot be: the fault of the row that they are of, and of no other."""


@dataclass(frozen=True, eq=False)
class DueTerms:
    """What is billed next, but for whom. Of one claim those that say the same are one object: whatever follows from them alone is worked out once for all
    of them, here and by whoever bills (as a key, an object stands for itself)."""

    plan_code: str
    plan_name: str
    product_class: str
    currency: str
    price_version: int
    items: tuple[Item, ...]
    discount: Discount | None
    schedule: Schedule
    collection: Collection
    late_allowed_on: date | None

    @cached_property
    def index(self) -> int:
        return self.schedule.next_index

    @cached_property
    def period(self) -> Period:
        return self.schedule.nth(self.index)

    @cached_property
    def charges(self) -> list[Charge]:
        """Everything with the first period that is charged, later what each period costs."""
        items = self.items if self.index == 0 else each_period(self.items)
        return charges(items, plan_code=self.plan_code, discount=self.discount, index=self.index)

    @cached_property
    def then_bill_on(self) -> date:
        """When the period after this one is invoiced, once this one is."""
        return replace(self.schedule, billed_index=self.index).next_bill_on


class Due(Struct, frozen=True, gc=False):
    """A subscription whose next period is to be billed."""

    id: UUID
    customer_id: UUID
    terms: DueTerms

    @property
    def plan_name(self) -> str:
        return self.terms.plan_name

    @property
    def currency(self) -> str:
        return self.terms.currency

    @property
    def collection(self) -> Collection:
        return self.terms.collection

    @property
    def index(self) -> int:
        return self.terms.index

    @property
    def period(self) -> Period:
        return self.terms.period


@dataclass(frozen=True, slots=True)
class Aside:
    """A due subscription that is not billed by itself, and why: staff looks at it."""

    subscription_id: UUID
    customer_id: UUID
    plan_name: str
    kind: AsideKind
    reason: str

    @classmethod
    def of(cls, due: Due, kind: AsideKind, reason: str) -> Aside:
        return cls(due.id, due.customer_id, due.plan_name, kind, reason)


def unfit(error: Exception) -> str:
    """What is told of one of `UNFIT`."""
    return str(error) if isinstance(error, ValueError) else f"It cannot be worked out: {type(error).__name__}: {error}"


def too_late(due: Due, on: date) -> str | None:
    """Why staff has to look first: one overdue period is charged by itself, more of them or an older one are not. None where it may be billed."""
    first, allowed = due.terms.period, due.terms.late_allowed_on
    if first.start >= on or (allowed is not None and first.start <= allowed):
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
