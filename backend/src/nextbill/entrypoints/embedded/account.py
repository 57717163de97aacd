"""Whom PostgreSQL runs as: it refuses root, so root hands it to an unprivileged account."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from nextbill.entrypoints.embedded.errors import StartRefused


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder on the way down to `folder`, itself included, lets this account pass (access lists are not read)."""
        resolved = folder.resolve()
        return all(self._may_search(step) for step in (resolved, *resolved.parents) if step.exists())

    def _may_search(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)


def unprivileged() -> Account | None:
    """None when we are an ordinary user already; as root `$PG_OS_USER`, `postgres` or `nobody`, whichever exists first."""
    if os.geteuid() != 0:
        return None
    wanted = os.environ.get("PG_OS_USER")
    for name in [wanted] if wanted else ["postgres", "nobody"]:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid:
                return Account(name, entry.pw_uid, entry.pw_gid)
    raise StartRefused(
        "PostgreSQL does not run as root and no account was found for it. Set PG_OS_USER to an ordinary account, or start as an ordinary user."
    )
