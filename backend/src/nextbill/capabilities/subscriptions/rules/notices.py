"""Of what its holder is told ahead, and when. What renews by itself is told once; the series is for what nothing happens to by itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from nextbill.kernel.thresholds import nearest

NoticeKind = Literal["charge", "trial", "unpaid", "invoice", "ending"]
"""A card will be charged; a trial ends; an invoice waits to be paid; one will be sent; it ends for good."""
NOTICE_KINDS: tuple[str, ...] = get_args(NoticeKind)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Days before: one charge's notice, a trial's end, and the series, as the shop has set them."""

    charge: int
    trial: int
    series: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return tuple(sorted({self.charge, self.trial, *self.series}, reverse=True))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a subscription comes to. `automatic`: a card is on file that is charged. `billed`: what begins at `period_end` has its invoice already.
    `cycle_days`: of the period after the present one. `cancelled_on`: the day on which it was cancelled for `cancel_on`."""

    trial: bool
    automatic: bool
    billed: bool
    period_end: date
    cycle_days: int
    days_ahead: int
    cancel_on: date | None = None
    cancelled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    kind: NoticeKind
    on: date
    days_before: int


def notice_due(outlook: Outlook, ahead: Ahead, *, today: date) -> Notice | None:
    """What is to be told today, or should have been since its day. None where nothing is due any more or yet.

    A threshold wider than half a cycle says nothing: who pays by the week hears of each charge by its receipt."""
    kind, on, thresholds = _said(outlook, ahead)
    left = (on - today).days
    days = nearest(thresholds, left) if left > 0 else None
    if days is None:
        return None
    if outlook.cancelled_on is not None and (on - outlook.cancelled_on).days <= days:
        return None  # the mail that confirmed the cancellation has just said it
    return Notice(kind, on, days)


def _said(outlook: Outlook, ahead: Ahead) -> tuple[NoticeKind, date, Sequence[int]]:
    series = [days for days in ahead.series if days * 2 <= outlook.cycle_days]
    if outlook.cancel_on is not None:
        return "ending", outlook.cancel_on, series
    if outlook.trial:
        return "trial", outlook.period_end, (ahead.trial,)
    if outlook.automatic:
        return "charge", outlook.period_end, [ahead.charge] if ahead.charge * 2 <= outlook.cycle_days else []
    # The invoice is a notice itself: on its day it stands for the threshold.
    if outlook.billed:
        return "unpaid", outlook.period_end, [days for days in series if days < outlook.days_ahead]
    return "invoice", outlook.period_end, [days for days in series if days > outlook.days_ahead]
