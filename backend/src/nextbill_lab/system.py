"""A whole system to drive: the one that runs here, one named by its addresses, or a private one that is started, stopped and removed again."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any

from nextbill_lab.timeline import Timeline
from nextbill_lab.trouble import Missing

SOURCES = Path(__file__).resolve().parents[1]
REPOSITORY = SOURCES.parents[1]
START_SECONDS = 180.0
STOP_SECONDS = 60.0
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TAIL_LINES = 6
TAIL_WIDTH = 400


@dataclass(frozen=True)
class Login:
    role: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class PanelKey:
    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class System:
    """Where everything is. `pids`: postgres, simulators, api, worker, supervisor, where they run on this machine."""

    api: str
    mailbox: str
    stripe: str = ""
    resellerclub: str = ""
    panels: Mapping[str, str] = field(default_factory=dict)
    pids: Mapping[str, int] = field(default_factory=dict)
    data: Path | None = None
    logins: tuple[Login, ...] = ()
    panel_key: PanelKey | None = None

    @classmethod
    def described(cls, facts: Mapping[str, Any]) -> System:
        """From what `nextbill up --json` says, which is also DATA/running.json."""
        key = facts.get("panel_key")
        return cls(
            api=str(facts["api"]),
            mailbox=str(facts["mailbox"]),
            stripe=str(facts.get("stripe", "")),
            resellerclub=str(facts.get("resellerclub", "")),
            panels=dict(facts.get("panels") or {}),
            pids=dict(facts.get("pids") or {}),
            data=Path(facts["data"]) if facts.get("data") else None,
            logins=tuple(Login(login.get("role", ""), login["email"], login["password"]) for login in facts.get("logins") or ()),
            panel_key=_panel_key(key) if key else None,
        )

    def staff(self) -> Login | None:
        """The login that may do most, if one is known."""
        for role in ("admin", "billing", "support"):
            for login in self.logins:
                if login.role == role:
                    return login
        return None

    @property
    def logs(self) -> str:
        return f"{self.data}/logs" if self.data else "the logs of API and worker"


def running(data: Path | None = None) -> System:
    """The system that runs with its data in `data`, by default NEXTBILL_DATA (environment, .env) or .nextbill beside the scripts.

    Raises:
        Missing: none runs there.
    """
    folder = data or Path(os.environ.get("NEXTBILL_DATA") or _set_in(REPOSITORY / ".env", "NEXTBILL_DATA") or REPOSITORY / ".nextbill")
    note = folder / "running.json"
    try:
        facts = json.loads(note.read_text())
    except (FileNotFoundError, NotADirectoryError):
        raise Missing(f"no system runs with its data in {folder}", where="start one with ./dev.sh, or use --fresh for a private one") from None
    except PermissionError:
        raise Missing(f"{note} belongs to another account", where="run this as the account that started the system") from None
    return System.described(facts)


@contextlib.contextmanager
def private(
    *, environment: Mapping[str, str] | None = None, without: Sequence[str] = (), keep: bool = False, clock: datetime | None = None
) -> Iterator[System]:
    """A system of its own on free ports with its data in a temporary folder; stopped and removed however this ends.

    `without`: parts that the caller runs himself. `keep`: leave the folder with its logs. `clock`: what time it is for it when it starts.

    Raises:
        Missing: it did not start; its last words are in the message.
    """
    folder = Path(tempfile.mkdtemp(prefix="nextbill-"))
    if clock is not None:
        ahead = (clock - datetime.now(UTC)).total_seconds()
        (folder / "clock.json").write_text(json.dumps({"offset_seconds": ahead}))
    with _ended_by_signals():
        process: subprocess.Popen[str] | None = None
        found: System | None = None
        try:
            with (folder / "up.log").open("w") as words:
                process = _launch(folder, words, environment or {}, without)
            found = _described(process, folder)
            yield found
        finally:
            for number in ENDING_SIGNALS:
                signal.signal(number, signal.SIG_IGN)  # it is stopping already, and a stop that is cut short leaves things behind
            if process is not None:
                _stop(process, ready=found is not None)
            if not keep:
                _remove(folder)


@contextlib.contextmanager
def started(
    timeline: Timeline,
    *,
    environment: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    keep: bool = False,
    clock: datetime | None = None,
) -> Iterator[System]:
    """`private`, with its start as the timeline's first step."""
    with contextlib.ExitStack() as stack:
        with timeline.step("start", "Start a private system") as entry:
            found = stack.enter_context(private(environment=environment, without=without, keep=keep, clock=clock))
            entry.note = found.api
        yield found


def tails(data: Path) -> Iterator[tuple[str, list[str]]]:
    """The last lines of each log below `data`, most telling first."""
    for log in sorted([*data.glob("logs/*.log"), data / "up.log"], key=lambda path: (path.stem not in ("worker", "api"), path.name)):
        if log.exists():
            lines = [line[:TAIL_WIDTH] for line in log.read_text(errors="replace").splitlines() if line.strip()]
            if lines:
                yield log.name, lines[-TAIL_LINES:]


def _set_in(file: Path, name: str) -> str:
    """A setting's value in a .env file, "" where it has none."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines)
    values = [value.strip().strip("\"'") for key, _, value in pairs if key.strip() == name]
    return values[-1] if values else ""


def _panel_key(told: Any) -> PanelKey:
    if isinstance(told, str):
        key, _, secret = told.partition(":")
        return PanelKey(key, secret)
    return PanelKey(str(told.get("key") or told.get("id") or told.get("key_id")), str(told["secret"]))


def _launch(folder: Path, words: IO[str], environment: Mapping[str, str], without: Sequence[str]) -> subprocess.Popen[str]:
    paths = os.pathsep.join(filter(None, (str(SOURCES), os.environ.get("PYTHONPATH"))))
    left_out = [word for part in {*without, "portal"} for word in ("--without", part)]
    return subprocess.Popen(
        [sys.executable, "-m", "nextbill", "up", "--ports", "auto", "--data", str(folder), "--json", "--until-stdin-closes", *left_out],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words,
        text=True,
        env=os.environ | {"PYTHONPATH": paths} | dict(environment),
        start_new_session=True,  # a Ctrl-C is ours; the system is told by the end of its standard input
    )


def _described(process: subprocess.Popen[str], folder: Path) -> System:
    told = process.stdout
    if told is None:
        raise AssertionError("standard output is a pipe")
    deadline = time.monotonic() + START_SECONDS
    while not select.select([told], [], [], 0.2)[0]:
        if time.monotonic() > deadline:
            raise Missing(f"the private system was not ready after {START_SECONDS:.0f} s: {_last_words(folder)}")
    line = told.readline()
    if not line:
        raise Missing(f"the private system did not start: {_last_words(folder)}")
    return System.described(json.loads(line))


def _last_words(folder: Path) -> str:
    return "\n".join(f"{name}: {line}" for name, lines in tails(folder) for line in lines) or "it said nothing"


def _stop(process: subprocess.Popen[str], *, ready: bool) -> None:
    """The end of its standard input is the sign to stop, to which it listens once it is ready; before that, and then, harder ones.

    When it is killed, the kernel ends its children.
    """
    if ready and process.stdin is not None:
        process.stdin.close()
        _ended_within(process, STOP_SECONDS)
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(number)
            _ended_within(process, STOP_SECONDS)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _ended_within(process: subprocess.Popen[str], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _remove(folder: Path) -> None:
    """With it the database's own folder, where the server's account could not reach this one."""
    memory = folder / "postgres" / "elsewhere"
    if memory.exists():
        shutil.rmtree(memory.read_text().strip(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end us as Ctrl-C does, with everything stopped and removed; afterwards they mean what they meant before."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, leave) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
