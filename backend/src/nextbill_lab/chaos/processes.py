"""API and workers as processes of our own, so that each start can carry a crash point and each can be killed at any moment."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nextbill_lab.chaos.points import Point
from nextbill_lab.system import SOURCES

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """A process that is started again whenever it ends. `ours`: we killed it ourselves."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)
    process: subprocess.Popen[bytes] | None = None
    armed: Point | None = None
    mark: Path | None = None
    ours: bool = False
    again_at: float = 0.0


class Product:
    """`crashed`: by crash point; `killed`: at random, by process; `ended`: by itself, by process and status (a database that is gone)."""

    def __init__(self, data: Path, *, workers: int, settings: Mapping[str, str]) -> None:
        self._data = data
        around = {name: value for name, value in os.environ.items() if name != "NEXTBILL_CRASH_AT"}
        around |= json.loads((data / "environment.json").read_text()) | {"PYTHONPATH": str(SOURCES), "PYTHONUNBUFFERED": "1"} | dict(settings)
        self.environment = around
        self.children = {"api": Child("api", ("api",), around)}
        for number in range(1, workers + 1):
            name = f"worker-{number}"
            self.children[name] = Child(name, ("worker",), around | {"METRICS_PORT": "0"})
        self.crashed: Counter[str] = Counter()
        self.killed: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()

    @property
    def workers(self) -> list[str]:
        return [name for name in self.children if name != "api"]

    def start(self) -> None:
        for child in self.children.values():
            self._launch(child)

    def stop(self) -> None:
        for child in self.children.values():
            _kill(child)

    def arm(self, name: str, point: Point | None, mark: Path | None) -> None:
        """From its next start on it dies at `point`, once among all that are armed with `mark`; so it is killed now unless it just died."""
        child = self.children[name]
        child.armed, child.mark = point, mark
        if child.process is not None and child.process.poll() is None:
            self.kill(name)

    def kill(self, name: str) -> bool:
        """SIGKILL, as at random. False if it was not running."""
        child = self.children[name]
        if child.process is None or child.process.poll() is not None:
            return False
        child.ours = True
        self.killed[name.partition("-")[0]] += 1
        _kill(child)
        return True

    def tend(self) -> None:
        """One look at all: whoever ended is counted and started again. Call it some times a second."""
        for child in self.children.values():
            if child.process is None:
                if time.monotonic() >= child.again_at:
                    self._launch(child)
            elif (status := child.process.poll()) is not None:
                self._count(child, status)
                child.process, child.again_at = None, time.monotonic() + (0.0 if status == -signal.SIGKILL else 0.5)

    def _count(self, child: Child, status: int) -> None:
        if child.ours:
            child.ours = False
        elif status == -signal.SIGKILL and child.armed is not None and child.mark is not None and child.mark.exists():
            self.crashed[child.armed.name] += 1
        else:
            self.ended[f"{child.name} with status {status}"] += 1

    def _launch(self, child: Child) -> None:
        environment = dict(child.environment)
        if child.armed is not None and child.mark is not None and not child.mark.exists():
            environment["NEXTBILL_CRASH_AT"] = f"{child.armed.name}@{child.mark}"
        with (self._data / "logs" / f"{child.name}.log").open("ab") as log:
            child.process = subprocess.Popen(
                [sys.executable, "-m", "nextbill", *child.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self._data,
                start_new_session=True,
                preexec_fn=_ended_with_us if _libc is not None else None,
            )


def _ended_with_us() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _kill(child: Child) -> None:
    if child.process is not None:
        if child.process.poll() is None:
            child.process.kill()
        child.process.wait()
