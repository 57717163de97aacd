"""Memory that a machine has at hand, taken out of the way before something is measured."""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHUNK_BYTES = 64 << 20
SHARE, MOST_BYTES = 2, 8 << 30
"""At most one in so many of the free bytes, and so many: what is measured needs some, too."""
DEAR, DEAR_CHUNKS = 3.0, 2
"""A page is dear from so many times the price of one that was in use just now; so many chunks of such pages in a row, and what comes after is dear, too."""
_MEMINFO, _CGROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


@contextmanager
def none_at_hand(*, most_bytes: int | None = None, dear: float = DEAR) -> Iterator[int]:
    """Bytes held meanwhile: the free memory that costs no more than what was in use just now. None where no other was found among `most_bytes` (half of what is free).

    A virtual machine may give unused memory back to its host and pay for each page that it takes anew: eleven microseconds, where one that it still has costs one. What
    it still has is enough for all new pages of a small run, and for a tenth of a large one's: side by side they would tell of the host.
    """
    held = list[mmap.mmap]()
    most = (min(MOST_BYTES, free_bytes() // SHARE) if most_bytes is None else most_bytes) // CHUNK_BYTES
    try:
        if not _take_what_is_cheap(held, most, dear):
            _give_back(held)
        yield len(held) * CHUNK_BYTES
    finally:
        _give_back(held)


def _take_what_is_cheap(held: list[mmap.mmap], most: int, dear: float) -> bool:
    """Whether dearer memory came after it. By each processor in turn: Linux keeps what a processor has freed for that processor, up to a gigabyte."""
    allowed, found = os.sched_getaffinity(0), False
    try:
        for processor in sorted(allowed):
            os.sched_setaffinity(0, {processor})
            usual, in_a_row = _usual_seconds() if most else 0.0, 0
            while len(held) < most and in_a_row < DEAR_CHUNKS:
                chunk, seconds = _taken()
                held.append(chunk)
                in_a_row = in_a_row + 1 if seconds > dear * usual else 0
            found = found or in_a_row == DEAR_CHUNKS
    except OSError:  # a limit of this process: what is beyond it is nobody's to measure
        return found
    finally:
        os.sched_setaffinity(0, allowed)
    return found


def _give_back(held: list[mmap.mmap]) -> None:
    while held:
        held.pop().close()


def free_bytes(*, meminfo: Path = _MEMINFO, cgroup: Path = _CGROUP) -> int:
    """What nobody uses, not even for pages of files; in a container (cgroup v2) no more than it may still have."""
    free = next(int(line.split()[1]) << 10 for line in meminfo.read_text().splitlines() if line.startswith("MemFree:"))
    limit = cgroup / "memory.max"
    allowed = limit.read_text().strip() if limit.exists() else ""
    return max(0, min(free, int(allowed) - int((cgroup / "memory.current").read_text()))) if allowed.isdigit() else free


def _usual_seconds() -> float:
    """Of CPU, for a chunk of pages that were given back this moment."""
    _taken()[0].close()
    chunk, seconds = _taken()
    chunk.close()
    return seconds


def _taken() -> tuple[mmap.mmap, float]:
    """A chunk with all of its pages, and the seconds of CPU that they cost."""
    began = time.process_time()
    chunk = mmap.mmap(-1, CHUNK_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
    return chunk, time.process_time() - began
