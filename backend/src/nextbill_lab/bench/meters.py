"""Which processes belong to which part, and what each spent between two readings."""

from __future__ import annotations

from collections.abc import Mapping

from nextbill_lab import cpu
from nextbill_lab.system import System
from nextbill_lab.trouble import Missing

PRODUCT = ("api", "worker", "postgres")
SERVERS = ("api", "postgres")
SIMULATORS = ("simulators",)


class Meter:
    """`parts`: name → process, each counted with all its children."""

    def __init__(self, parts: Mapping[str, int]) -> None:
        self._parts = dict(parts)
        self._began = self._read()

    def spent(self) -> dict[str, float]:
        """Seconds of CPU for each part since this meter was made."""
        return {part: now - self._began[part] for part, now in self._read().items()}

    def _read(self) -> dict[str, float]:
        return {part: cpu.of_trees([process]) for part, process in self._parts.items()}


def parts(system: System, *names: str) -> dict[str, int]:
    """Raises Missing: the system does not tell one of the processes."""
    absent = [name for name in names if name not in system.pids]
    if absent:
        raise Missing(f"the process of {', '.join(absent)} is not known", where=f"{system.data}/running.json")
    return {name: system.pids[name] for name in names}
