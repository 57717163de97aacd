"""One id from a request through its jobs to the vendor calls they make, in every log line."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Final

from nextbill.kernel.ids import new_id

WRITTEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What a caller may give as its own."""

_current: ContextVar[str | None] = ContextVar("correlation", default=None)


def current() -> str:
    found = _current.get()
    return found or begin()


def begin(correlation: str | None = None) -> str:
    chosen = correlation or str(new_id())
    _current.set(chosen)
    return chosen
