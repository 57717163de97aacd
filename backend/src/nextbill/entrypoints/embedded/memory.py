"""How much memory the embedded server may keep pages in."""

from __future__ import annotations

import os
from pathlib import Path

MOST_MEGABYTES, LEAST_MEGABYTES = 1024, 128
SHARE = 4
_CGROUP = Path("/sys/fs/cgroup/memory.max")


def shared_buffers_megabytes(*, limit: Path = _CGROUP) -> int:
    """A quarter of the machine's memory, or of what a container may have; taken only as pages come to use.

    With PostgreSQL's own 128 MB a million licenses don't fit: a validate then costs nearly twice the database's time.
    """
    return max(LEAST_MEGABYTES, min(MOST_MEGABYTES, _memory_megabytes(limit) // SHARE))


def _memory_megabytes(limit: Path) -> int:
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    allowed = limit.read_text().strip() if limit.exists() else ""
    return min(physical, int(allowed) >> 20) if allowed.isdigit() else physical
