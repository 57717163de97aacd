"""The product's API as a process of our own: started after the data is there, with the file descriptors that a benchmark needs."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nextbill_lab.bench.database import settings_of
from nextbill_lab.system import SOURCES, PanelKey, System
from nextbill_lab.trouble import Missing

START_SECONDS = 60.0
WITHOUT = ("api", "worker")
"""The worker stays out: what it writes in the background would be counted as ours."""


def environment(system: System, settings: Mapping[str, str]) -> dict[str, str]:
    return os.environ | settings_of(system) | {"PYTHONPATH": str(SOURCES), "PYTHONUNBUFFERED": "1"} | dict(settings)


@contextlib.contextmanager
def serving(system: System, settings: Mapping[str, str]) -> Iterator[int]:
    """The process of the API, which answers at `system.api`."""
    data, port = _folder(system), int(system.api.rpartition(":")[2])
    with (data / "logs" / "api.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nextbill", "api"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment(system, settings),
            cwd=data,
            start_new_session=True,
        )
    try:
        _await_port(process, port)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def panel_key(system: System, permissions: Sequence[str]) -> PanelKey:
    """A new key with these rights, made as its owner makes one."""
    words = [word for permission in permissions for word in ("--permission", permission)]
    command = [sys.executable, "-m", "nextbill", "panel-keys", "create", "bench", *words, "--json"]
    ended = subprocess.run(command, env=environment(system, {}), cwd=_folder(system), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Missing(f"no panel key with {', '.join(permissions)}: {ended.stderr.strip()[-400:]}")
    made = json.loads(ended.stdout)
    return PanelKey(str(made["key"]), str(made["secret"]))


def raise_descriptors(wanted: int) -> int:
    """Our limit of open files, and that of what we start, as near to `wanted` as the machine allows; what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def resident_bytes(process: int) -> int:
    """RSS, from /proc."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise Missing(f"process {process} tells no memory", where=f"/proc/{process}/status")


def _folder(system: System) -> Path:
    if system.data is None:
        raise Missing("the system's data folder is not known")
    return system.data


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise Missing(f"the API stopped with status {process.returncode} while starting")
        if time.monotonic() > deadline:
            raise Missing(f"the API did not answer within {START_SECONDS:.0f} s")
        time.sleep(0.05)
