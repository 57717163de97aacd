"""The schema: every revision goes up, down and up again; models and migrations say the same; a dump restores whole."""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.schema import CreateIndex

from nextbill import wiring
from nextbill.runtime import schema
from nextbill.runtime.database import Base
from nextbill.runtime.migrate import alembic_config, migrate
from nextbill.runtime.schema import prepare
from nextbill.runtime.settings import Settings
from tests.support.databases import SECRET_KEY, fresh_database
from tests.support.postgres import server_dsn

DEFINED = text("select indexname, indexdef from pg_indexes where schemaname = :schema")
MONTH = re.compile(r"licensing_usage_event_20\d{4}")
"""Partitions: made by a function, copies of their parent, and no models of their own."""
assert wiring.wire  # importing it loads every model


@pytest.fixture
def empty() -> Iterator[Settings]:
    name = f"stairs_{secrets.token_hex(4)}"
    with psycopg.connect(server_dsn("postgres"), autocommit=True) as owner:
        owner.execute(f"create database {name}")
    yield Settings(database_url=server_dsn(name), secret_key=SECRET_KEY, _env_file=None)
    with psycopg.connect(server_dsn("postgres"), autocommit=True) as owner:
        owner.execute(f"drop database {name} with (force)")


def test_every_revision_goes_up_down_and_up(empty: Settings) -> None:
    script = ScriptDirectory.from_config(alembic_config(empty))
    assert schema.newest_revision() == script.get_current_head()
    revisions = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    for revision in revisions:
        migrate(empty, revision=revision)
        migrate(empty, revision="-1")
        migrate(empty, revision=revision)


def test_models_and_migrations_agree(dsn: str) -> None:
    settings = Settings(database_url=dsn, secret_key=SECRET_KEY, _env_file=None)
    engine = create_engine(settings.owner_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert [entry for entry in differences if "alembic_version" not in str(entry) and not MONTH.search(str(entry))] == []


def test_indexes_are_over_what_the_models_say(dsn: str) -> None:
    """Their conditions, too, at which the comparison above does not look: the models' indexes are made on empty copies of the tables, and both are read."""
    engine = create_engine(Settings(database_url=dsn, secret_key=SECRET_KEY, _env_file=None).owner_url)
    with engine.connect() as connection:
        connection.execute(text("create schema copies"))
        copies = connection.execution_options(schema_translate_map={None: "copies"})
        for table in Base.metadata.sorted_tables:
            connection.execute(text(f'create table copies."{table.name}" (like public."{table.name}")'))
            for index in table.indexes:
                copies.execute(CreateIndex(index))
        found = {
            owner: {
                name: definition.replace(" copies.", " public.").replace(" ON ONLY ", " ON ")
                for name, definition in connection.execute(DEFINED, {"schema": owner})
            }
            for owner in ("copies", "public")
        }
        connection.rollback()
    engine.dispose()
    assert len(found["copies"]) > 100
    assert {name: definition for name, definition in found["copies"].items() if found["public"].get(name) != definition} == {}


def test_migrating_twice_changes_nothing(dsn: str) -> None:
    settings = Settings(database_url=dsn, secret_key=SECRET_KEY, _env_file=None)
    migrate(settings)
    migrate(settings)


def test_databases_of_one_server_may_be_prepared_at_once(dsn: str) -> None:
    """Their roles are the server's, and the same."""
    with ExitStack() as stack:
        addresses = [dsn, *(stack.enter_context(fresh_database()) for _ in range(3))]
        with ThreadPoolExecutor(len(addresses)) as several:
            settings = [Settings(database_url=address, secret_key=SECRET_KEY, _env_file=None) for address in addresses * 10]
            assert set(several.map(prepare, settings)) == {True}


def test_names_that_had_expired_before_renewals_existed_are_not_billed(empty: Settings) -> None:
    """Their holders let them go; whoever wants one after all switches it on."""
    migrate(empty, revision="0023_reminders")
    owner_url = empty.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(owner_url) as owner:
        (foreign,) = owner.execute(
            "select conname from pg_constraint where conrelid = 'domains_domain'::regclass and confrelid = 'customers_customer'::regclass"
        ).fetchone() or ("",)
        owner.execute(f"alter table domains_domain drop constraint {foreign}")
        for name, left in (("gone.com", -1), ("soon.com", 1), ("later.com", 300)):
            owner.execute(
                "insert into domains_domain (id, customer_id, reference_type, reference_id, name, tld, years, state, nameservers, registrant_sealed, "
                "registrant_fingerprint, registrar_ref, expires_on, requested_at, changed_at) values (gen_random_uuid(), gen_random_uuid(), 'orders.line', "
                "gen_random_uuid(), %s, 'com', 1, 'active', array['a.example','b.example'], '', '', '1', current_date + %s, now(), now())",
                (name, left),
            )
    migrate(empty, revision="0024_domains")
    with psycopg.connect(owner_url) as owner:
        assert owner.execute("select name from domains_domain where auto_renew order by name").fetchall() == [("later.com",), ("soon.com",)]


def _binary(name: str) -> str:
    from nextbill.entrypoints.embedded import engine

    return engine.choose(None).program(name)


async def test_a_dump_restores_whole(shop, empty: Settings) -> None:
    """Row-level security is enabled, not forced: the owner's dump holds every customer's rows."""
    source = shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    target = empty.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    await shop.client.post("/api/v1/auth/register", json={"email": "dump@example.com", "password": "correct horse battery", "name": "Dora Dump"})
    dump = subprocess.run([_binary("pg_dump"), source], capture_output=True, text=True, check=True).stdout
    restored = subprocess.run([_binary("psql"), "-q", "-v", "ON_ERROR_STOP=1", target], input=dump, capture_output=True, text=True, check=False)
    assert restored.returncode == 0, restored.stderr
    with psycopg.connect(source) as before, psycopg.connect(target) as after:
        names = [row[0] for row in before.execute("select tablename from pg_tables where schemaname = 'public' order by 1")]
        for name in names:
            assert before.execute(f"select count(*) from {name}").fetchone() == after.execute(f"select count(*) from {name}").fetchone(), name
        assert before.execute("select count(*) from customers_customer").fetchone() != (0,)
