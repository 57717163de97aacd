"""Starting processes that can't outlive us, and claiming a folder for one process at a time."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from nextbill.entrypoints.embedded.account import Account
from nextbill.entrypoints.embedded.errors import StartRefused

LOG_LIMIT_BYTES = 5_000_000
_PR_SET_PDEATHSIG = 1


def claim(lock: Path, *, what: str) -> IO[str]:
    """Hold `lock` for as long as the answer stays open; the kernel lets go of it when we die, however that happens.

    Raises:
        StartRefused: another process holds it.
    """
    try:
        handle = lock.open("a+")
    except PermissionError as problem:
        raise StartRefused(f"{lock.parent} belongs to another account. Start as that account, or set NEXTBILL_DATA to another folder.") from problem
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        holder = handle.read().strip() or "unknown"
        handle.close()
        raise StartRefused(f"{what} is running already (process {holder}). Stop that one first: kill {holder}") from None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def open_log(path: Path) -> IO[bytes]:
    """Open for appending; a log that has grown past the limit becomes `….1`, so one start keeps at most twice the limit."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab")


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: IO[bytes],
    last_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    folder: str = "/",
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (a Ctrl-C reaches us alone) that is sent `last_signal` when the calling thread's process dies.

    Call it from the main thread: Linux counts the death of the *thread* that started the child.
    """
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=bound_to_parent(last_signal),  # in the child after setuid, which would clear it
    )


def bound_to_parent(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork
    parent = os.getpid()

    def bind() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind


def stop(process: subprocess.Popen[bytes], *, number: signal.Signals = signal.SIGTERM, patience_seconds: float) -> int:
    """Ask, wait, then kill the child and whatever it started. Its exit status."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            return process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            kill_group(process)
    return process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
