"""Why a journal is not booked."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, NotFound


class AlreadyPosted(Conflict):
    """The fact is in the books. The transaction is still usable."""

    code: ClassVar[str] = "already_posted"
    title: ClassVar[str] = "This fact is booked already"


class Unbalanced(ValueError):
    """A journal whose debits and credits differ, or that says nothing: a defect of the caller, never of the input."""


class MonthClosed(Conflict):
    code: ClassVar[str] = "month_closed"
    title: ClassVar[str] = "The month is closed: nothing is booked into it"


class MonthNotOver(Conflict):
    code: ClassVar[str] = "month_not_over"
    title: ClassVar[str] = "Only a month that is over can be closed"


class MonthNotClosed(Conflict):
    code: ClassVar[str] = "month_not_closed"
    title: ClassVar[str] = "The month is open"


class RateMissing(Conflict):
    """The company's books need the amount in its own currency too. Add a rate and try again; nothing was booked."""

    code: ClassVar[str] = "exchange_rate_missing"
    title: ClassVar[str] = "There is no exchange rate for this currency"


class EntryNotFound(NotFound):
    code: ClassVar[str] = "entry_not_found"
    title: ClassVar[str] = "There is no such entry in the books"


class NotEnoughCredit(Conflict):
    code: ClassVar[str] = "not_enough_credit"
    title: ClassVar[str] = "The customer has less credit than that"
