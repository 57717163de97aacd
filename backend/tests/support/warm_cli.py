"""The command line in processes of its own that begin with everything imported: each command is forked from one warm process.

What a command does is what its user gets; only the second or two of imports is saved, which `test_help_and_up_import_nothing_heavy` watches apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[2] / "src"


class WarmCli:
    def __init__(self, parent: subprocess.Popen[str]) -> None:
        self._parent = parent

    def run(self, arguments: tuple[str, ...], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        with tempfile.TemporaryDirectory(prefix="nextbill-cli-") as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            asked = {"arguments": arguments, "environment": dict(environment), "out": str(out), "err": str(err)}
            self._parent.stdin.write(json.dumps(asked) + "\n")
            self._parent.stdin.flush()
            return subprocess.CompletedProcess(arguments, int(self._parent.stdout.readline()), out.read_text(), err.read_text())


@contextmanager
def warm_cli() -> Iterator[WarmCli]:
    """One warm process for as long as it is needed."""
    command = [sys.executable, str(Path(__file__).resolve())]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        try:
            yield WarmCli(parent)
        finally:
            assert parent.stdin is not None
            parent.stdin.close()


def _serve() -> None:
    """Parent: a line of JSON in, an exit code out, until standard input closes."""
    main = import_module("nextbill.entrypoints.cli.main")
    lazy = import_module("nextbill.entrypoints.cli.lazy")
    for name, (place, _) in main.COMMANDS.items():
        lazy.load(name, place)
    import_module("nextbill.wiring")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line), main.app)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(asked: dict[str, Any], app: Callable[..., object]) -> None:
    """Child: the command, with its own environment and streams. Never returns."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(str(asked[name]), os.O_CREAT | os.O_WRONLY, 0o600), number)
    os.environ.clear()
    os.environ.update(asked["environment"])
    code = 0
    try:
        app(asked["arguments"], prog_name="nextbill")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve()
