"""Starts the parts in their order, watches them, starts a crashed one again, and stops them in the reverse order."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from nextbill.entrypoints.embedded import children
from nextbill.entrypoints.embedded.errors import StartRefused
from nextbill.entrypoints.embedded.postgres import EmbeddedPostgres

READY_SECONDS = 90
STOP_SECONDS = 20
LONGEST_PAUSE_SECONDS = 30
STEADY_SECONDS = 60
POLL_SECONDS = 0.05
_NEVER = threading.Event()


@dataclass
class Part:
    """A child that stays. `probe`: (port, path) that answers 200 when it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    probes: Sequence[tuple[int, str]]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    crashes: int = 0
    again_at: float | None = None


@dataclass
class _Pending:
    """Something under way. `over`: whether it is done; raises StartRefused when it went wrong."""

    what: str
    over: Callable[[], bool]
    began: float = field(default_factory=time.monotonic)


class _DoneWithoutError(Exception):
    """A step that is not needed failed."""


class Supervisor:
    def __init__(self, data: Path, console: Console) -> None:
        self._data = data
        self._console = console
        self._parts: list[Part] = []
        self._server: EmbeddedPostgres | None = None
        self._steps: list[subprocess.Popen[bytes]] = []
        self._pending: list[_Pending] = []
        self.on_change: Callable[[], None] = lambda: None

    def start_postgres(self, server: EmbeddedPostgres, database: str) -> str:
        """The database's DSN, once it answers."""
        with self._step("PostgreSQL"):
            self._server = server
            server.start()
            server.ensure_database(database)
        return server.dsn(database)

    def begin(self, what: str, name: str, command: Sequence[str], environment: Mapping[str, str], *, needed: bool = True) -> None:
        """Start a step that must end well; `settle` waits for it. One that is not `needed` may fail: that is told, and the rest goes on."""
        process = self._spawn(name, command, environment)
        self._steps.append(process)

        def over() -> bool:
            status = process.poll()
            if status:
                problem = f"{what}: failed with status {status}: {self._last_words(name)}"
                raise StartRefused(problem) if needed else _DoneWithoutError(problem)
            return status is not None

        self._pending.append(_Pending(what, over))

    def launch(self, what: str, part: Part) -> None:
        """Start a part; `settle` waits until all its probes answer."""
        self._parts.append(part)
        self._launch(part)

        def ready() -> bool:
            status = part.process.poll() if part.process else None
            if status is not None:
                raise StartRefused(f"{what}: ended with status {status}: {self._last_words(part.name)}")
            if time.monotonic() > part.started + READY_SECONDS:
                raise StartRefused(f"{what}: not ready after {READY_SECONDS} s: {self._last_words(part.name)}")
            return all(_answers(*probe) for probe in part.probes)

        self._pending.append(_Pending(what, ready))

    def settle(self) -> None:
        """Wait for all that was begun and launched; the seconds told of each run from its own start.

        Raises:
            StartRefused: one ended with an error or was not ready in time; its last words and its log are named.
        """
        with self._console.status("") as status:
            while self._pending:
                status.update(f"{', '.join(pending.what for pending in self._pending)} ...")
                for pending in list(self._pending):
                    self._look_at(pending)
                _NEVER.wait(POLL_SECONDS)

    def _look_at(self, pending: _Pending) -> None:
        try:
            over = pending.over()
        except _DoneWithoutError as problem:
            self._pending.remove(pending)
            self._say(str(problem))
            return
        if over:
            self._pending.remove(pending)
            self._tell_done(pending.what, time.monotonic() - pending.began)

    def watch(self) -> None:
        """One look at every part; call it a few times a second. What crashed is started again after a pause that doubles."""
        if self._server and not self._server.running():
            self._say("PostgreSQL ended unexpectedly; starting it again.")
            self._server.kill_hard()
            self._server.start()
            self.on_change()
        for part in self._parts:
            self._look_after(part)

    def pids(self) -> dict[str, int]:
        found = {part.name: part.process.pid for part in self._parts if part.process}
        return ({"postgres": self._server.pid} if self._server else {}) | found

    def database(self) -> str:
        """For the page: where the rows are."""
        server = self._server
        return f"{server.version} on 127.0.0.1:{server.port}, data in {server.home}" if server else "yours (DATABASE_URL)"

    def stop(self) -> None:
        for process in self._steps:
            children.kill_group(process)  # still there only when the start was broken off
        for part in reversed(self._parts):
            if part.process and part.process.poll() is None:
                with self._step(f"Stopping {part.name}"):
                    children.stop(part.process, patience_seconds=STOP_SECONDS)
        if self._server:
            with self._step("Stopping PostgreSQL"):
                self._server.stop()

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.again_at is not None:
            if now >= part.again_at:
                part.again_at = None
                self._launch(part)
                self.on_change()
            return
        status = part.process.poll() if part.process else None
        if status is None:
            return
        part.crashes = 1 if now - part.started > STEADY_SECONDS else part.crashes + 1
        pause = min(LONGEST_PAUSE_SECONDS, 0.5 * 2 ** (part.crashes - 1))
        part.again_at = now + pause
        self._say(f"{part.name} ended {_in_words(status)}; starting it again in {pause:g} s. {self._last_words(part.name)}")

    def _launch(self, part: Part) -> None:
        part.process = self._spawn(part.name, part.command, part.environment)
        part.started = time.monotonic()

    def _spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with children.open_log(self._log(name)) as log:
            # KILL when we die: our steps survive it, and a port or a lock is never kept by a child that lingers.
            return children.spawn(
                [sys.executable, "-m", *command], environment=environment, log=log, last_signal=signal.SIGKILL, folder=str(self._data)
            )

    def _log(self, name: str) -> Path:
        return self._data / "logs" / f"{name}.log"

    def _last_words(self, name: str) -> str:
        lines = [line.strip() for line in self._log(name).read_text(errors="replace").splitlines() if line.strip()]
        return f"{lines[-1][:300] if lines else 'it said nothing'} (log: {self._log(name)})"

    def _say(self, words: str) -> None:
        self._console.print(words, style="yellow", markup=False, highlight=False)

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        """A line of progress: what is being done, then how long it took."""
        began = time.monotonic()
        with self._console.status(f"{what} ..."):
            yield
        self._tell_done(what, time.monotonic() - began)

    def _tell_done(self, what: str, seconds: float) -> None:
        self._console.print(f"  [green]ok[/]  {what:<44} [dim]{seconds:5.1f} s[/]", highlight=False)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _in_words(status: int) -> str:
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
