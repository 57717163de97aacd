"""A fresh, migrated database for each test: a copy of a template that the run migrates once, and one of a template with the demo shop in it."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import psycopg

from nextbill.runtime.migrate import migrate
from nextbill.runtime.settings import Settings
from tests.support.postgres import server_dsn, server_folder

SECRET_KEY = "tests-" + "0123456789abcdef" * 4
EMPTY, DEMO = "nextbill_template", "nextbill_demo"
LOGINS = "logins.json"
"""What the demo's seeding wrote beside its database: the secret of its panel key is kept nowhere else."""


@contextmanager
def fresh_database(*, demo: bool = False) -> Iterator[str]:
    """The owner's DSN of a database of one's own; dropped afterwards. `demo`: with the demo's plans, logins and servers, whose addresses lead nowhere yet."""
    template = _demo() if demo else _empty()
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server_dsn("postgres"), autocommit=True) as owner:
        # A copy of files: the other strategy logs each page, which is more than most tests write.
        owner.execute(f"create database {name} template {template} strategy file_copy")
    try:
        yield server_dsn(name)
    finally:
        with psycopg.connect(server_dsn("postgres"), autocommit=True) as owner:
            owner.execute(f"drop database {name} with (force)")


def demo_logins() -> str:
    """The demo's `logins.json`, as its seeding wrote it."""
    _demo()
    return (server_folder() / LOGINS).read_text()


@cache
def _empty() -> str:
    return _template(EMPTY, lambda dsn: migrate(Settings(database_url=dsn, secret_key=SECRET_KEY, _env_file=None)))


@cache
def _demo() -> str:
    from tests.support.demo import seed_demo  # imported late, so that tests of one part start fast

    return _template(DEMO, lambda dsn: seed_demo(dsn, server_folder() / LOGINS), of=_empty())


def _template(name: str, fill: Callable[[str], None], *, of: str = "template1") -> str:
    """Made by the first worker that asks, while the others wait."""
    server_dsn("postgres")  # the server first: its start is guarded by a lock of its own
    draft = f"{name}_draft"
    with (server_folder() / f"{name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with psycopg.connect(server_dsn("postgres"), autocommit=True) as owner:
            if owner.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is None:
                owner.execute(f"create database {draft} template {of}")
                fill(server_dsn(draft))
                owner.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", (draft,))
                owner.execute(f"alter database {draft} rename to {name}")
    return name
