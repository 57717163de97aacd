"""When a subscription's periods begin and end, and when each is invoiced. Pure: dates are the seller's own days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from nextbill.kernel.period import Cycle, Period

INVOICE_DAYS_AHEAD: Final = 7
"""So many days before a period begins it is invoiced, where the product says nothing else."""
_ANY_DAY: Final = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Where a subscription stands in time. Period n begins `n - anchor_index` cycles after `anchor_on`; the one that runs is `index`, from `period`.

    `billed_index`: the last period that was invoiced. On trial `index` is -1 and the anchor the trial's end. `change_on`: the day on which an open change
    is settled, before anything is billed: a period that begins from then on is not invoiced earlier."""

    cycle: Cycle
    anchor_on: date
    anchor_index: int
    index: int
    period: Period
    billed_index: int
    days_ahead: int
    change_on: date | None = None

    def nth(self, index: int) -> Period:
        return Period.nth(self.cycle, self.anchor_on, index - self.anchor_index)

    def start_of(self, index: int) -> date:
        return self.cycle.nth_boundary(self.anchor_on, index - self.anchor_index)

    @property
    def next_index(self) -> int:
        """The next one to be invoiced."""
        return self.billed_index + 1

    @property
    def next_bill_on(self) -> date:
        """Some days before the next period, never before the one that it follows has begun. What follows a trial is invoiced when the trial ends."""
        begins = self.start_of(self.next_index)
        if self.next_index == 0:
            return begins
        before = self.start_of(self.billed_index) if self.billed_index > self.index else self.period.start
        usual = max(begins - timedelta(days=self.days_ahead), before)
        return max(usual, self.change_on) if self.change_on is not None and self.change_on <= begins else usual

    @property
    def billed_until(self) -> date:
        """The first day that is not paid for, or asked for, yet."""
        return self.nth(self.billed_index).end if self.billed_index > self.index else self.period.end


def first_period(cycle: Cycle, on: date) -> Period:
    """Anchored to the day of delivery, so that 31 January is followed by 28 February and then by 31 March."""
    return Period.nth(cycle, on, 0)


def beginning(cycle: Cycle, on: date, *, trial_days: int) -> tuple[Period, date, int]:
    """The first period, the anchor and the period's index. A trial comes before period 0, which is anchored to its end."""
    if not trial_days:
        return first_period(cycle, on), on, 0
    end = on + timedelta(days=trial_days)
    return Period(on, end), end, -1


def started(cycle: Cycle, on: date, *, trial_days: int, days_ahead: int) -> Schedule:
    """Delivered on that day: what runs first was paid with the order, or is a trial."""
    period, anchor, index = beginning(cycle, on, trial_days=trial_days)
    return Schedule(cycle, anchor, 0, index, period, index, days_ahead)


def days_ahead(cycle: Cycle, wanted: int | None) -> int:
    """As the product says, else a week; never more than half a cycle."""
    days = (cycle.nth_boundary(_ANY_DAY, 1) - _ANY_DAY).days
    return min(INVOICE_DAYS_AHEAD if wanted is None else wanted, days // 2)


def rolled(schedule: Schedule, on: date) -> Schedule:
    """In the period of that day, as far as it was billed."""
    while schedule.period.end <= on and schedule.billed_index > schedule.index:
        schedule = replace(schedule, index=schedule.index + 1, period=schedule.nth(schedule.index + 1))
    return schedule


def recycled(schedule: Schedule, cycle: Cycle, on: date, *, days_ahead: int) -> Schedule:
    """Another cycle from that day on: what was billed ends there, and the first period of the new one is billed too."""
    index = schedule.billed_index + 1
    return Schedule(cycle, on, index, index, Period.nth(cycle, on, 0), index, days_ahead, schedule.change_on)


def moved(schedule: Schedule, *, days: int) -> Schedule:
    """A pause of so many days: the period that runs, and every one after it, ends so much later. The end of what was billed is the anchor from now on:
    31 January and a pause of ten days in February make 10 March, 10 April."""
    if not days:
        return schedule
    later = timedelta(days=days)
    if schedule.index < 0:
        period = Period(schedule.period.start, schedule.period.end + later)
        return replace(schedule, period=period, anchor_on=schedule.anchor_on + later)
    period = Period(schedule.period.start, schedule.period.end + later)
    return replace(schedule, period=period, anchor_on=period.end, anchor_index=schedule.index + 1)
