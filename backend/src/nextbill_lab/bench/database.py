"""The private system's own PostgreSQL, as its owner: filling in licenses, and reading what the servers themselves count."""

from __future__ import annotations

import hashlib
import json
from typing import Any, LiteralString

import psycopg
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import sql

from nextbill_lab.bench.population import FEATURE, PLAN, RESOURCES, Population
from nextbill_lab.system import System
from nextbill_lab.trouble import Missing

CHUNK = 100_000
CUSTOMERS = 100
_BLOCK_BYTES = 64
Row = tuple[Any, ...]


def settings_of(system: System) -> dict[str, str]:
    """What the product's processes are started with.

    Raises:
        Missing: the system is not on this machine.
    """
    if system.data is None:
        raise Missing("the system's data folder is not known", where="a benchmark starts a private system itself")
    found: dict[str, str] = json.loads((system.data / "environment.json").read_text())
    return found


class Owner:
    """One autocommitted connection of the database's owner. `role`: act as that role, its row-level security included."""

    def __init__(self, system: System, *, role: LiteralString | None = None) -> None:
        self._settings = settings_of(system)
        self.dsn = self._settings["DATABASE_URL"]
        self._connection = psycopg.connect(self.dsn, autocommit=True)
        if role is not None:
            self._connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))

    def close(self) -> None:
        self._connection.close()

    def rows(self, statement: LiteralString, *values: Any) -> list[Row]:
        return self._connection.execute(statement, values).fetchall()

    def one(self, statement: LiteralString, *values: Any) -> Any:
        return self.rows(statement, *values)[0][0]

    def change(self, statement: LiteralString, *values: Any) -> None:
        self._connection.execute(statement, values)

    def fill(self, population: Population, *, since: int = 0) -> None:
        """Licenses `since` … count-1, in chunks; then the tables are frozen and analyzed, so that reading them writes nothing and plans are right."""
        self._connection.execute("set session_replication_role = replica")  # foreign keys hold by construction
        self._connection.execute("set synchronous_commit = off")
        self._connection.execute(_CUSTOMERS, {"count": CUSTOMERS})
        inner, outer = _pads(hash_key(self._settings["SECRET_KEY"]))
        for first in range(since, population.count, CHUNK):
            span = {"first": first, "last": min(first + CHUNK, population.count) - 1}
            self._connection.execute(_licenses(population), span | {"inner": inner, "outer": outer})
            self._connection.execute(_quotas(population), span)
        self._connection.execute("reset synchronous_commit")
        self.settle()

    def settle(self) -> None:
        for table in ("customers_customer", "licensing_license", "licensing_quota", "identity_panel_key"):
            self._connection.execute(sql.SQL("vacuum (freeze, analyze) {}").format(sql.Identifier(table)))
        self._connection.execute("checkpoint")


def hash_key(secret_key: str) -> bytes:
    """The key of the keyed hash by which licenses are found: HKDF-SHA256 of SECRET_KEY for `nextbill:license-key`."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"nextbill:license-key").derive(secret_key.encode())


def _pads(key: bytes) -> tuple[bytes, bytes]:
    """HMAC's inner and outer pads (RFC 2104), with which the database computes it by its own sha256()."""
    padded = (key if len(key) <= _BLOCK_BYTES else hashlib.sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)


_CUSTOMERS = """
insert into customers_customer (id, number, name, status, locale, created_at, changed_at)
select ('01900000-0000-7000-9000-' || lpad(to_hex(c), 12, '0'))::uuid, 'BENCH-' || c, 'Bench ' || c, 'business', 'en', now(), now()
from generate_series(0, %(count)s::bigint - 1) as c on conflict do nothing"""


def _licenses(population: Population) -> sql.Composed:
    words = _composed(population)
    return sql.SQL("""
insert into licensing_license (id, customer_id, reference_type, reference_id, plan_code, plan_name, features, plan_features, key_sealed, key_hash, key_hint,
                               state, suspension_reasons, expires_at, issued_at, changed_at)
select {id}, ('01900000-0000-7000-9000-' || lpad(to_hex(n %% {customers}), 12, '0'))::uuid, 'bench', {id}, {plan}, {plan}, {features}::jsonb, {features}::jsonb,
       'k1.' || repeat('A', 60), sha256(%(outer)s::bytea || sha256(%(inner)s::bytea || convert_to({key}, 'UTF8'))), 'NP-••••-••••-' || right({key}, 4),
       {state}, {reasons}, {expires_at}, now(), now()
from generate_series(%(first)s::bigint, %(last)s::bigint) as n""").format(
        customers=sql.Literal(CUSTOMERS), plan=sql.Literal(PLAN), features=sql.Literal(json.dumps([FEATURE])), **words
    )


def _quotas(population: Population) -> sql.Composed:
    words = _composed(population)
    return sql.SQL("""
insert into licensing_quota (license_id, resource, customer_id, limit_count, plan_limit, used_count, reserved_count)
select {id}, resource, ('01900000-0000-7000-9000-' || lpad(to_hex(n %% {customers}), 12, '0'))::uuid, {limit}, {limit}, {used}, {reserved}
from generate_series(%(first)s::bigint, %(last)s::bigint) as n, unnest({resources}::text[]) with ordinality as known (resource, place),
     lateral (select place - 1 as j) as counted""").format(customers=sql.Literal(CUSTOMERS), resources=sql.Literal(list(RESOURCES)), **words)


def _composed(population: Population) -> dict[str, sql.SQL]:
    """Fixed expressions of `Population`; the percent sign is psycopg's, so it is written twice."""
    return {name: sql.SQL(text.replace("%", "%%")) for name, text in population.columns.items()}
