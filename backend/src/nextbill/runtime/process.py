"""What a process that serves asks of its interpreter and its machine."""

from __future__ import annotations

import gc
import resource

WANTED = 65_536


def allow_many_connections() -> int:
    """Raises the soft limit of open files as far as the hard one allows; answers with what holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def leave_the_start_alone() -> None:
    """What was made while starting stays for good: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
