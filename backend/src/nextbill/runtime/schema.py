"""The database before and between migrations: its roles, and which revision it has. Imports little, because it runs at every start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import sql

from nextbill.runtime.roles import Role, role_password
from nextbill.runtime.settings import REPOSITORY, Settings

MIGRATIONS = REPOSITORY / "backend" / "migrations"
MINIMUM_SERVER = 160000
HEAD = "head"
FIND_REVISION = "select version_num from alembic_version"
TRIES, PAUSE_SECONDS = 20, 0.05
_LOCK = 7_220_260_001
_AT_ONCE = (psycopg.errors.InternalError_, psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject)
"""What two who write the same role at the same moment are told: "tuple concurrently updated", or that it is there."""


class ServerTooOld(Exception):
    """PostgreSQL below 16."""


class UnknownRevision(Exception):
    """A revision that there is no migration to."""


@cache
def newest_revision() -> str:
    """A revision bears the name of its file; a test compares with Alembic's own answer."""
    return max(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def prepare(settings: Settings) -> bool:
    """Creates or updates the roles. Whether the schema is at the newest revision, so that nothing is left to do."""
    with as_owner(settings) as connection:
        if connection.execute("select to_regclass('alembic_version')").fetchone() == (None,):
            return False
        return connection.execute(FIND_REVISION).fetchall() == [(newest_revision(),)]


@contextmanager
def as_owner(settings: Settings) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """One migrating process at a time, with the roles in place.

    Raises:
        ServerTooOld: below PostgreSQL 16.
    """
    url = settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.info.server_version < MINIMUM_SERVER:
            raise ServerTooOld(f"PostgreSQL {connection.info.server_version // 10000} is too old: 16 or newer is needed.")
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        _ensure_roles(connection, settings)
        yield connection


def _ensure_roles(connection: psycopg.Connection[tuple[Any, ...]], settings: Settings) -> None:
    """Roles belong to the server, not to the database: another database's migration may be at them this moment, which no lock of ours tells."""
    for role in Role:
        for left in reversed(range(TRIES)):
            try:
                _ensure_role(connection, settings, role)
                break
            except _AT_ONCE:
                if not left:
                    raise
                time.sleep(PAUSE_SECONDS)


def _ensure_role(connection: psycopg.Connection[tuple[Any, ...]], settings: Settings, role: Role) -> None:
    """It can neither bypass row-level security nor create anything."""
    exists = connection.execute("select 1 from pg_roles where rolname = %s", (role.value,)).fetchone()
    verb = sql.SQL("alter role" if exists else "create role")
    password = sql.Literal(role_password(settings, role))
    connection.execute(
        sql.SQL("{} {} login nosuperuser nobypassrls nocreatedb nocreaterole password {}").format(verb, sql.Identifier(role.value), password)
    )
    connection.execute(sql.SQL("alter role {} set jit = off").format(sql.Identifier(role.value)))
