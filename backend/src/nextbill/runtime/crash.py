"""Named points at which a test may kill the process: NEXTBILL_CRASH_AT=domains.register:called (sandbox only)."""

from __future__ import annotations

import os
import signal
from pathlib import Path

_plan: str | None = None
_once: Path | None = None


def arm(plan: str | None) -> None:
    """`step:point`, or `step:point@FILE`: dies only while FILE does not exist and creates it first, so that a restarted process lives on."""
    global _plan, _once
    _plan, _, file = (plan or "").partition("@")
    _once = Path(file) if file else None


def point(name: str) -> None:
    if not _plan or name != _plan:
        return
    if _once is not None:
        try:
            _once.touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
