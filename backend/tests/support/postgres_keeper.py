"""`postgres_keeper.py FOLDER MAIN_PROCESS`: runs the tests' server until the main process is gone, then removes the folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from nextbill.entrypoints.embedded.postgres import EmbeddedPostgres

POLL_SECONDS = 0.2


def keep(folder: Path, main_process: int) -> None:
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    server.start()
    try:
        draft = folder / "server.draft"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"address": server.dsn("").rstrip("/"), "process": server.pid}))
        draft.rename(folder / "server.json")
        while server.running() and _alive(main_process):
            time.sleep(POLL_SECONDS)
    finally:
        server.stop()  # not killed: that would leave its shared memory behind
        shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    arguments = Path(f"/proc/{process}/cmdline")
    return not arguments.exists() or bool(arguments.read_bytes())  # a zombie has none left


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the test run; we follow when it is gone
    keep(Path(sys.argv[1]), int(sys.argv[2]))
