"""Why a journal is not booked."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict


class AlreadyPosted(Conflict):
    """The fact is in the books. The transaction is still usable."""

    code: ClassVar[str] = "already_posted"
    title: ClassVar[str] = "This fact is booked already"


class Unbalanced(ValueError):
    """A journal whose debits and credits differ, or that says nothing: a defect of the caller, never of the input."""
