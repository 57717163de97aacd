"""One PostgreSQL server for the whole test run, shared by all xdist workers and started by the first that needs it.

A keeper process owns it and stops it when the run's main process is gone, however that ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

PATIENCE_SECONDS = 90
_ALONE = secrets.token_hex(8)


def server_dsn(database: str = "postgres") -> str:
    """The owner's address of `database` on the run's server; creating the database is the caller's work."""
    return f"{_server()}/{database}"


def server_folder() -> Path:
    """This run's, shared by all workers; the keeper removes it at the end."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", _ALONE)
    folder = Path(tempfile.gettempdir()) / f"nextbill-tests-{run[:16]}"
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


@cache
def _server() -> str:
    keeper_of = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    folder = server_folder()
    ready = folder / "server.json"
    with (folder / "starting").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not ready.exists():
            _start_keeper(folder, keeper_of, ready)
    address: str = json.loads(ready.read_text())["address"]
    return address


def _start_keeper(folder: Path, main_process: int, ready: Path) -> None:
    log = folder / "keeper.log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("postgres_keeper.py")), str(folder), str(main_process)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the tests' PostgreSQL did not start: {log.read_text()}")
        time.sleep(0.02)
    keeper.returncode = 0  # it outlives us on purpose: no warning about a child left running
