"""API and workers as processes of our own, so that each start can carry a crash point and each can be killed at any moment."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
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
    log_from: int = 0
    ready_since: float | None = None
    started_with: tuple[Point, Path] | None = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


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
        self.kill(name)

    def kill(self, name: str) -> bool:
        """SIGKILL, as at random. False if it was not running."""
        child = self.children[name]
        if not child.running:
            return False
        child.ours, child.ready_since = True, None
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
                child.process, child.ready_since = None, None
                child.again_at = time.monotonic() + (0.0 if status == -signal.SIGKILL else 0.5)
            elif child.ready_since is None and self._is_at_work(child):
                child.ready_since = time.monotonic()

    def ready_for(self, name: str) -> float:
        """Seconds for which it has been at work; 0 while it is dead or starting."""
        since = self.children[name].ready_since
        return 0.0 if since is None else time.monotonic() - since

    def _is_at_work(self, child: Child) -> bool:
        if child.name == "api":
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", int(child.environment["API_PORT"]))) == 0
        with self._log(child).open("rb") as log:
            log.seek(child.log_from)
            return b"worker started" in log.read()

    def _log(self, child: Child) -> Path:
        return self._data / "logs" / f"{child.name}.log"

    def _count(self, child: Child, status: int) -> None:
        if child.ours:
            child.ours = False
        elif status == -signal.SIGKILL and child.started_with is not None and child.started_with[1].exists():
            self.crashed[child.started_with[0].name] += 1
        else:
            self.ended[f"{child.name} with status {status}"] += 1

    def _launch(self, child: Child) -> None:
        environment = dict(child.environment)
        child.started_with = None
        if child.armed is not None and child.mark is not None and not child.mark.exists():
            child.started_with = (child.armed, child.mark)
            environment["NEXTBILL_CRASH_AT"] = f"{child.armed.name}@{child.mark}"
        with self._log(child).open("ab") as log:
            child.log_from = log.tell()
            child.process = subprocess.Popen(
                [sys.executable, "-m", "nextbill", *child.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self._data,
                start_new_session=True,
                preexec_fn=_ended_with_us if _libc is not None else None,  # noqa: PLW1509  # we have one thread
            )


def _ended_with_us() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _kill(child: Child) -> None:
    if child.process is not None:
        if child.process.poll() is None:
            child.process.kill()
        child.process.wait()
