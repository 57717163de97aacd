"""A fresh, migrated database for each test: a copy of a template that the run migrates once."""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

from nextbill.runtime.migrate import migrate
from nextbill.runtime.settings import Settings
from tests.support.postgres import server_dsn

SECRET_KEY = "tests-" + "0123456789abcdef" * 4
TEMPLATE = "nextbill_template"


@contextmanager
def fresh_database() -> Iterator[str]:
    """The owner's DSN of a database of one's own; dropped afterwards."""
    _template()
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server_dsn("postgres"), autocommit=True) as owner:
        owner.execute(f"create database {name} template {TEMPLATE}")
    try:
        yield server_dsn(name)
    finally:
        with psycopg.connect(server_dsn("postgres"), autocommit=True) as owner:
            owner.execute(f"drop database {name} with (force)")


@cache
def _template() -> None:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "alone")
    server_dsn("postgres")  # the server first: its start is guarded by a lock of its own
    with (Path(tempfile.gettempdir()) / f"nextbill-template-{run[:16]}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with psycopg.connect(server_dsn("postgres"), autocommit=True) as owner:
            if owner.execute("select 1 from pg_database where datname = %s", (TEMPLATE,)).fetchone():
                return
            owner.execute(f"create database {TEMPLATE}_draft")
            migrate(Settings(database_url=server_dsn(f"{TEMPLATE}_draft"), secret_key=SECRET_KEY, _env_file=None))
            owner.execute(f"alter database {TEMPLATE}_draft rename to {TEMPLATE}")
