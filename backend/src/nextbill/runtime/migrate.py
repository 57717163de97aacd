"""Brings the schema to the newest revision. The only process that logs in as the owner."""

from __future__ import annotations

import asyncio

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import text

from nextbill.runtime.database import Database, Role, role_password
from nextbill.runtime.settings import REPOSITORY, Settings

MIGRATIONS = REPOSITORY / "backend" / "migrations"
MINIMUM_SERVER = 160000
_LOCK = 7_220_260_001


class ServerTooOld(Exception):
    """PostgreSQL below 16."""


def migrate(settings: Settings, *, revision: str = "head") -> None:
    """Roles first, then the revisions, one migrating process at a time. Safe to run at every start."""
    url = settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.info.server_version < MINIMUM_SERVER:
            raise ServerTooOld(f"PostgreSQL {connection.info.server_version // 10000} is too old: 16 or newer is needed.")
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        _ensure_roles(connection, settings)
        configuration = alembic_config(settings)
        if revision == "head" or not revision.startswith("-"):
            command.upgrade(configuration, revision)
        else:
            command.downgrade(configuration, revision)


def alembic_config(settings: Settings) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = settings.owner_url
    return configuration


def newest_revision() -> str:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(configuration).get_current_head()
    if head is None:
        raise LookupError("there are no migrations")
    return head


async def is_current(database: Database) -> bool:
    """Whether the database has the newest revision; for readiness."""
    async with database.reading(Role.WORK) as tx:
        found = (await tx.execute(text("select version_num from alembic_version"))).scalar_one_or_none()
    return found == await asyncio.to_thread(newest_revision)


def _ensure_roles(connection: psycopg.Connection[tuple[object, ...]], settings: Settings) -> None:
    """Three roles that can neither bypass row-level security nor create anything."""
    for role in Role:
        exists = connection.execute("select 1 from pg_roles where rolname = %s", (role.value,)).fetchone()
        verb = sql.SQL("alter role" if exists else "create role")
        password = sql.Literal(role_password(settings, role))
        connection.execute(
            sql.SQL("{} {} login nosuperuser nobypassrls nocreatedb nocreaterole password {}").format(verb, sql.Identifier(role.value), password)
        )
        connection.execute(sql.SQL("alter role {} set jit = off").format(sql.Identifier(role.value)))
