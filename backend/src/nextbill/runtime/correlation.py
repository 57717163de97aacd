"""One id from a request through its jobs to the vendor calls they make, in every log line."""

from __future__ import annotations

from contextvars import ContextVar

from nextbill.kernel.ids import new_id

_current: ContextVar[str | None] = ContextVar("correlation", default=None)


def current() -> str:
    found = _current.get()
    return found or begin()


def begin(correlation: str | None = None) -> str:
    chosen = correlation or str(new_id())
    _current.set(chosen)
    return chosen
