"""Starts the parts in their order, watches them, starts a crashed one again, and stops them in the reverse order."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
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


class Supervisor:
    def __init__(self, data: Path, console: Console) -> None:
        self._data = data
        self._console = console
        self._parts: list[Part] = []
        self._server: EmbeddedPostgres | None = None
        self.on_change: Callable[[], None] = lambda: None

    def start_postgres(self, server: EmbeddedPostgres, database: str) -> str:
        """The database's DSN, once it answers."""
        with self._step("PostgreSQL"):
            self._server = server
            server.start()
            server.ensure_database(database)
        return server.dsn(database)

    def run_once(self, what: str, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """A step that must end well before the next begins.

        Raises:
            StartRefused: it ended with an error; its last words and its log are named.
        """
        with self._step(what):
            process = self._spawn(name, command, environment)
            try:
                status = process.wait()
            except BaseException:
                children.kill_group(process)
                raise
            if status:
                raise StartRefused(f"{what}: failed with status {status}: {self._last_words(name)}")

    def start(self, what: str, part: Part) -> None:
        """Start a part and wait until all its probes answer.

        Raises:
            StartRefused: it ended, or was not ready in time; its last words and its log are named.
        """
        with self._step(what):
            self._parts.append(part)
            self._launch(part)
            deadline = time.monotonic() + READY_SECONDS
            while not all(_answers(*probe) for probe in part.probes):
                status = part.process.poll() if part.process else None
                if status is not None:
                    raise StartRefused(f"{what}: ended with status {status}: {self._last_words(part.name)}")
                if time.monotonic() > deadline:
                    raise StartRefused(f"{what}: not ready after {READY_SECONDS} s: {self._last_words(part.name)}")
                _NEVER.wait(POLL_SECONDS)

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

    def _step(self, what: str) -> _Step:
        return _Step(self._console, what)


class _Step:
    """A line of progress: what is being done, then how long it took."""

    def __init__(self, console: Console, what: str) -> None:
        self._console, self._what = console, what
        self._status = console.status(f"{what} ...")

    def __enter__(self) -> None:
        self._began = time.monotonic()
        self._status.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._status.stop()
        if kind is None:
            self._console.print(f"  [green]ok[/]  {self._what:<44} [dim]{time.monotonic() - self._began:5.1f} s[/]", highlight=False)


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
