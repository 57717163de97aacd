"""A PostgreSQL server of our own as a direct child: data folder, password and port are made at the first start and kept."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from nextbill.entrypoints.embedded import children, engine, ports
from nextbill.entrypoints.embedded.account import Account, unprivileged
from nextbill.entrypoints.embedded.errors import StartRefused
from nextbill.entrypoints.embedded.memory import shared_buffers_megabytes

OWNER = "postgres"
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "150",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",  # a night's run writes one in seconds, and whole pages anew after each checkpoint
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
READY_SECONDS = 60
STOP_SECONDS = 30
ELSEWHERE = Path("/var/lib/nextbill")


class EmbeddedPostgres:
    """`start()`, `stop()` and, for chaos, `kill_hard()`. `durable=False` is for tests: faster, and a crash may lose what was committed."""

    def __init__(self, folder: Path, *, durable: bool = True, account: Account | None = None, elsewhere: Path = ELSEWHERE) -> None:
        self.account = account or unprivileged()
        self._durable = durable
        self.home = _home(folder.resolve(), account=self.account, elsewhere=elsewhere)
        self._data = self.home / "data"
        self._log = self.home / "postgres.log"
        self._claim: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._engine: engine.Engine | None = None
        self.port = 0

    @property
    def version(self) -> str:
        return self._engine.version if self._engine else ""

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Make the data folder if there is none, start the server and wait until it answers.

        Raises:
            StartRefused: running already, another major version's data, no account to run as, or the server's own last words.
        """
        if self._claim is None:
            self._claim = children.claim(self.home / "lock", what=f"The database in {self.home}")
        try:
            chosen = engine.choose(self._major_of_data())
            self._engine = engine.within_reach(chosen, account=self.account, home=self.home)
            self._initialize(self._engine)
            self._bury_predecessor()
            self.port = self._pick_port()
            self._launch(self._engine)
        except BaseException:
            self._let_go()
            raise

    def stop(self) -> None:
        if self._process:
            children.stop(self._process, number=signal.SIGINT, patience_seconds=STOP_SECONDS)
            self._process = None
        self._let_go()

    def kill_hard(self) -> None:
        """As if the power had gone: no shutdown, no checkpoint. `start()` recovers."""
        if self._process:
            children.kill_group(self._process)
            self._process = None

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def dsn(self, database: str) -> str:
        return f"postgresql://{OWNER}:{self._secret().read_text()}@127.0.0.1:{self.port}/{database}"

    def ensure_database(self, name: str) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
            if known is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def _secret(self) -> Path:
        return self.home / "password"

    def _major_of_data(self) -> int | None:
        mark = self._data / "PG_VERSION"
        return int(mark.read_text().strip()) if mark.exists() else None

    def _initialize(self, binaries: engine.Engine) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        self._make_password()
        draft = self.home / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)  # left by a run that was killed
        command = [
            binaries.program("initdb"),
            "-D",
            str(draft),
            "-U",
            OWNER,
            "-A",
            "scram-sha-256",
            f"--pwfile={self._secret()}",
            "-E",
            "UTF8",
            "--locale=C",
            "--data-checksums",
        ]
        if binaries.major >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self._durable:
            command.append("--no-sync")
        with children.open_log(self._log) as log:
            self._check(self._spawn(command, log).wait())
        draft.rename(self._data)

    def _make_password(self) -> None:
        draft = self.home / "password.draft"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_hex(24))
        if self.account:
            self.account.own(draft)
        draft.rename(self._secret())

    def _bury_predecessor(self) -> None:
        """After a killed launcher its server may still be shutting down, or be a zombie nobody awaits. The folder is ours, so it is ours to end."""
        mark = self._data / "postmaster.pid"
        deadline = time.monotonic() + STOP_SECONDS
        asked = False
        while (pid := _pid_in(mark)) and _is_server(pid, self._data):
            if not asked:
                os.kill(pid, signal.SIGINT)
                asked = True
            if time.monotonic() > deadline:
                raise StartRefused(f"An earlier PostgreSQL (process {pid}) does not stop. End it: kill -QUIT {pid}")
            time.sleep(0.05)
        mark.unlink(missing_ok=True)

    def _pick_port(self) -> int:
        memory = self.home / "port"
        remembered = int(memory.read_text()) if memory.exists() else 0
        chosen = remembered if remembered and ports.is_free(remembered) else ports.one_free()
        memory.write_text(str(chosen))
        return chosen

    def _launch(self, binaries: engine.Engine) -> None:
        settings = SETTINGS | ({} if self._durable else NOT_DURABLE) | {"port": str(self.port)}
        settings["shared_buffers"] = f"{shared_buffers_megabytes()}MB"
        command = [binaries.program("postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with children.open_log(self._log) as log:
            self._process = self._spawn(command, log)
        deadline = time.monotonic() + READY_SECONDS
        while not _says_ready(self._data / "postmaster.pid", self._process.pid):
            if self._process.poll() is not None:
                self._check(self._process.returncode or 1)
            if time.monotonic() > deadline:
                children.kill_group(self._process)
                raise StartRefused(f"PostgreSQL did not get ready in {READY_SECONDS} s. Its log: {self._log}")
            time.sleep(0.02)

    def _spawn(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return children.spawn(command, environment=ENVIRONMENT, log=log, last_signal=signal.SIGINT, account=self.account)
        except PermissionError as problem:
            name = self.account.name if self.account else "this user"
            raise StartRefused(f"PostgreSQL could not be started as {name}: {problem}. Start as an ordinary user, or set PG_OS_USER.") from problem

    def _check(self, status: int) -> None:
        if status:
            words = self._log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise StartRefused(f"PostgreSQL stopped with status {status}: {words[0]} (log: {self._log})")

    def _let_go(self) -> None:
        if self._claim:
            self._claim.close()
            self._claim = None


def _home(folder: Path, *, account: Account | None, elsewhere: Path) -> Path:
    """The folder itself, or when the server's account can't get there (root's closed home) one below `elsewhere`, remembered in the folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if account is None:
        return folder
    if account.can_enter(folder.parent):
        account.own(folder)
        return folder
    memory = folder / "elsewhere"
    if not memory.exists():
        memory.write_text(str(elsewhere / f"{folder.parent.name.lstrip('.')}-{secrets.token_hex(6)}"))
    home = Path(memory.read_text())
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    home.mkdir(exist_ok=True, mode=0o700)
    account.own(home)
    return home


def _pid_in(mark: Path) -> int:
    try:
        first = mark.read_text().partition("\n")[0].strip()
    except FileNotFoundError:
        return 0
    return int(first) if first.isdigit() else 0


def _is_server(pid: int, data: Path) -> bool:
    """Whether `pid` is alive and runs on `data`: numbers are used again after a restart, and a zombie (no arguments left) keeps its file."""
    if sys.platform == "linux":
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return False
    else:
        arguments = subprocess.run(["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return str(data) in arguments


def _says_ready(mark: Path, pid: int) -> bool:
    """The server's own word in its eighth line, as pg_ctl reads it; a stale file carries another process's number."""
    try:
        lines = mark.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"
