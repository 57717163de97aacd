"""Building the portal when its sources have changed, and becoming its server.

A build is kept under the fingerprint of what it was made from and put there by one rename: a server that runs is never changed beneath,
and a build that was killed is not taken for a whole one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from nextbill.entrypoints.embedded import children, node
from nextbill.entrypoints.embedded.errors import StartRefused
from nextbill.entrypoints.embedded.layout import REPOSITORY
from nextbill.entrypoints.embedded.node import Node

FRONTEND = REPOSITORY / "frontend"
CONTRACT = REPOSITORY / "docs" / "api" / "openapi.json"
SOURCES = ("src", "messages", "content", "public", "tools", "next.config.ts", "package-lock.json", "postcss.config.mjs", "tsconfig.json")
NOT_SOURCES = ("node_modules", "schema.d.ts")
TESTS = (".test.ts", ".test.tsx")
BUILDS_KEPT = 3
FRONT_DOOR = Path("tools") / "front-door.cjs"
HEAP_MEGABYTES = 384
NETWORK_WORDS = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "network", "E404", "SELF_SIGNED", "CERT_")
# What a portal needs of the surroundings. It is no secret-keeper: keys of the product stay out of it.
SURROUNDINGS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "NODE_EXTRA_CA_CERTS", "NEXTBILL_NODE")


def fingerprint() -> str:
    """Of everything that the built portal depends on."""
    digest = hashlib.sha256(CONTRACT.read_bytes())
    for path in _sources():
        digest.update(f"\0{path.relative_to(FRONTEND)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def build_folder() -> Path:
    """Where the build of today's sources is, or will be."""
    return FRONTEND / ".built" / fingerprint()


def is_built() -> bool:
    return (build_folder() / "server.js").exists()


def build() -> Path:
    """Install the packages and build, as far as that has not been done. The folder of the build.

    Raises:
        StartRefused: with the reason and the way out.
    """
    if is_built():
        return build_folder()  # without the lock: whoever may only read the tree can serve what is there
    with _turn():
        target = build_folder()
        if (target / "server.js").exists():
            return target
        found = _node()
        install(found)
        _run(found, ["run", "build"], FRONTEND, "the build failed")
        _keep(FRONTEND / ".next" / "standalone", target)
        return target


def install(found: Node) -> None:
    """The packages that the locks name, unless they are there."""
    for folder in (FRONTEND, FRONTEND / "tools" / "openapi"):
        lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".installed-from"
        wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
        if not stamp.exists() or stamp.read_text() != wanted:
            _run(found, ["ci", "--no-audit", "--no-fund"], folder, "its packages could not be installed")
            stamp.write_text(wanted)


def serve(*, environment: Mapping[str, str], port: int, hot: bool, behind_proxy: bool) -> NoReturn:
    """Become the portal's server on 127.0.0.1. `hot`: from the sources, following every change of them.

    Unless `behind_proxy`, the addresses that callers claim for themselves in X-Forwarded-* are overwritten with those of their sockets.

    Raises:
        StartRefused: no Node, or no build.
    """
    found = _node()
    around = _environment(found, environment) | {"HOSTNAME": "127.0.0.1", "PORT": str(port), "BEHIND_PROXY": str(int(behind_proxy))}
    door = f"--require={FRONTEND / FRONT_DOOR}"
    if hot:
        install(found)
        _run(found, ["run", "api"], FRONTEND, "the API's types could not be made")
        os.chdir(FRONTEND)
        around |= {"NODE_ENV": "development", "NODE_OPTIONS": f'"{door}"'}
        command = ["node_modules/next/dist/bin/next", "dev", "--hostname", "127.0.0.1", "--port", str(port)]
    else:
        target = build_folder()
        if not (target / "server.js").exists():
            raise StartRefused("The portal is not built: ./nextbill portal build")
        os.chdir(target)
        mark = os.open("package.json", os.O_RDONLY)
        fcntl.flock(mark, fcntl.LOCK_SH)
        os.set_inheritable(mark, True)
        command = [door, f"--max-old-space-size={HEAP_MEGABYTES}", "server.js"]
    sys.stdout.flush()
    os.execve(found.program, [str(found.program), *command], around)  # noqa: S606 (our own words, no shell wanted)


def _node() -> Node:
    try:
        return node.find()
    except node.NoNodeError as reason:
        raise StartRefused(f"The portal can't run: {reason}") from reason


def _environment(found: Node, given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in given.items() if name in SURROUNDINGS or name in ("API_ORIGIN", "PORTAL_URL")}
    kept["PATH"] = os.pathsep.join(filter(None, (str(found.program.parent), kept.get("PATH"))))
    return kept | {"NODE_ENV": "production", "NEXT_TELEMETRY_DISABLED": "1", "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}


def _run(found: Node, words: Sequence[str], folder: Path, wrong: str) -> None:
    """npm, with its words on our own output; they are read again for the reason when it fails."""
    around = dict(os.environ) | _environment(found, os.environ)
    if words[0] == "ci":
        around.pop("NODE_ENV")  # "production" would leave out what building needs
    process = subprocess.Popen(
        [*found.npm, *words],
        cwd=folder,
        env=around,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=children.bound_to_parent(signal.SIGTERM),
    )
    said = []
    for line in process.stdout or ():
        sys.stdout.write(line)
        sys.stdout.flush()
        said.append(line.strip())
    if process.wait():
        raise StartRefused(f"The portal is not built: {wrong}. {_reason(said)}")


def _reason(said: Sequence[str]) -> str:
    text = "\n".join(said)
    if "ENOSPC" in text:
        return "The disk is full: free about 2 GB and start again."
    if any(word in text for word in NETWORK_WORDS) and "npm error" in text:
        return "The package index could not be reached: check the network (behind a proxy: set HTTPS_PROXY; a mirror: npm config set registry) and start again."
    if "EINTEGRITY" in text:
        return "A package is not the one that was locked: a broken download, or an altered one. Start again; if it stays: npm cache clean --force"
    telling = [line for line in said if "rror" in line]
    return (telling or [line for line in said if line] or ["npm said nothing"])[0][:300]


def _keep(made: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    draft = target.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(made, draft, symlinks=True)
    draft.rename(target)
    _forget_older(target)


def _forget_older(target: Path) -> None:
    """But none that somebody serves: its server holds a lock on it for as long as it lives."""
    older = sorted((folder for folder in target.parent.iterdir() if folder != target), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in older[BUILDS_KEPT - 1 :]:
        with (folder / "package.json").open() as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(folder, ignore_errors=True)


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        place = FRONTEND / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and not path.name.endswith(TESTS) and not set(path.parts) & set(NOT_SOURCES):
                yield path


@contextmanager
def _turn() -> Iterator[None]:
    """One build at a time in a tree; whoever waited finds it done."""
    try:
        lock = (FRONTEND / ".build.lock").open("a")
    except OSError as reason:
        raise StartRefused(
            f"The portal can't be built by this account: {reason.strerror}, {reason.filename}. Build it as the tree's owner: ./nextbill portal build"
        ) from reason
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
