"""CPU time of processes, from the kernel's own clocks.

A live process is read by its CPU clock (nanoseconds, all threads); what its children used and has been waited for is read from /proc (ticks).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

_SCHEDULED = 2  # CPUCLOCK_SCHED in clock_getcpuclockid(3): time on a CPU, user and system together
_TICKS = os.sysconf("SC_CLK_TCK")


def of_trees(roots: Iterable[int]) -> float:
    """Seconds used so far by these processes, their live descendants, and the descendants that ended and were waited for."""
    children = _children()
    return sum(_of_tree(root, children) for root in set(roots))


def _of_tree(root: int, children: dict[int, list[int]]) -> float:
    waiting, total = [root], 0.0
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        total += _own(process) + _waited_for(process)
    return total


def _own(process: int) -> float:
    """0 for one that is gone: its time is with its parent now."""
    try:
        return time.clock_gettime((~process << 3) | _SCHEDULED)
    except OSError:
        return 0.0


def _waited_for(process: int) -> float:
    fields = _stat(process)
    return (int(fields[13]) + int(fields[14])) / _TICKS if fields else 0.0


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            found.setdefault(int(fields[1]), []).append(int(folder.name))
    return found


def _stat(process: int) -> list[str]:
    """The fields of proc(5)'s stat from the third (state) on, since the name before them may hold anything; empty for one that is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
