"""R, the yardstick: a bare FastAPI route that returns a constant, in a server process of its own.

`python -m nextbill_lab.bench.reference PORT` serves it with the server settings that the product's API has.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

SOURCES = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
PATH = "/constant"
app = FastAPI()


@app.get(PATH)
async def constant() -> dict[str, str]:
    return {"status": "ok"}


@contextlib.contextmanager
def serving() -> Iterator[tuple[int, int]]:
    """(process, port) of the yardstick's server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(SOURCES), os.environ.get("PYTHONPATH"))))}
    process = subprocess.Popen(
        [sys.executable, "-m", "nextbill_lab.bench.reference", str(port)], env=environment, stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        _await_port(port)
        yield process.pid, port
    finally:
        process.terminate()
        process.communicate()


def _await_port(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the yardstick's server was not there after {START_SECONDS:.0f} s")
        time.sleep(0.02)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning", server_header=False, timeout_keep_alive=75)
