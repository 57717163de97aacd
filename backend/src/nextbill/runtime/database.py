"""Connections by role, and transactions that are committed at the edge: one request or job, one transaction."""

from __future__ import annotations

import select
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from sqlalchemy import URL, MetaData, event, make_url, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from nextbill.kernel.events import Event
from nextbill.runtime.roles import Role, role_password
from nextbill.runtime.settings import Settings

__all__ = ["Base", "Database", "ReadTx", "Role", "Tx", "on_rows", "role_urls"]

KEEPALIVE: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""In seconds: a peer that is gone without a word is noticed by the kernel, also where nobody asks."""
PREPARED_FROM: Final = 2
PREPARED_AT_MOST: Final = 400
"""Statements that a connection keeps prepared, from their third use, at some 20 kB each. The driver's own 100 are fewer than a worker has, so that
each was forgotten before it came to be prepared."""
EVERY_TIME: Final = "set plan_cache_mode = force_custom_plan"
"""Parsed once, and planned for the values it gets: who asks for a rare state finds it by its index, whoever asked before."""
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


Reactions = Callable[[Event], Sequence[str]]


def _none(_event: Event) -> Sequence[str]:
    return ()


class Base(DeclarativeBase):
    """Rows are the entities; no relationship crosses a capability, only an id does."""

    metadata = MetaData(naming_convention=NAMING)


class ReadTx(AsyncSession):
    """A transaction that only reads: the database refuses more. It knows the company's own currency."""

    home_currency: str = "USD"


class Tx(ReadTx):
    """A transaction that may write and publish. It knows the names of the reactions that an event concerns."""

    reactions_to: Reactions = staticmethod(_none)


class Database:
    """Pools by role, opened when first used. `reactions` names those that an event concerns; `home_currency` is the one
    in which the company keeps its books (ISO 4217)."""

    def __init__(self, urls: Mapping[Role, URL], *, pool_size: int = 10, reactions: Reactions = _none, home_currency: str = "USD") -> None:
        self._urls = dict(urls)
        self._pool_size = pool_size
        self._engines: dict[Role, AsyncEngine] = {}
        self._readers: dict[Role, AsyncEngine] = {}
        self._reactions = reactions
        self._home_currency = home_currency

    def engine(self, role: Role) -> AsyncEngine:
        if role not in self._engines:
            self._engines[role] = create_async_engine(
                self._urls[role],
                pool_size=self._pool_size,
                max_overflow=0,
                hide_parameters=True,
                pool_timeout=15,
                pool_use_lifo=True,
                connect_args={
                    "application_name": f"nextbill:{role.name.lower()}", "connect_timeout": 10, "client_encoding": "utf8",
                    "prepare_threshold": PREPARED_FROM, **KEEPALIVE,
                },
            )  # fmt: skip
            event.listen(self._engines[role].sync_engine, "connect", _keep_prepared)
            event.listen(self._engines[role].sync_engine, "checkout", _refuse_ended)
        return self._engines[role]

    def _reader(self, role: Role) -> AsyncEngine:
        """On the same pool; the driver says READ ONLY with its BEGIN, so that it costs no round trip of its own."""
        if role not in self._readers:
            self._readers[role] = self.engine(role).execution_options(postgresql_readonly=True)
        return self._readers[role]

    def url(self, role: Role) -> URL:
        return self._urls[role]

    @asynccontextmanager
    async def writing(self, role: Role, *, customer_id: UUID | None = None) -> AsyncIterator[Tx]:
        """Committed when the block ends, rolled back when it raises. Nothing that leaves us is called inside."""
        async with Tx(self.engine(role), expire_on_commit=False) as tx:
            tx.reactions_to, tx.home_currency = self._reactions, self._home_currency
            await _begin(tx, customer_id)
            yield tx
            await tx.commit()

    @asynccontextmanager
    async def reading(self, role: Role, *, customer_id: UUID | None = None) -> AsyncIterator[ReadTx]:
        async with ReadTx(self._reader(role), expire_on_commit=False) as tx:
            tx.home_currency = self._home_currency
            await _begin(tx, customer_id)
            yield tx
            await tx.commit()  # ends it like a rollback, after which the driver would forget what it has prepared

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.dispose()


def _keep_prepared(connection: Any, _record: Any) -> None:
    connection.driver_connection.prepared_max = PREPARED_AT_MOST
    cursor = connection.cursor()
    cursor.execute(EVERY_TIME)
    cursor.close()
    connection.commit()


def _refuse_ended(connection: Any, _record: Any, _proxy: Any) -> None:
    """An idle connection has nothing to say unless its server ended it, which is seen without asking: a question a check-out (`pool_pre_ping`)
    is a round trip more for each transaction. With it go all that were opened before."""
    driver = connection.driver_connection
    said = select.poll()
    if not driver.closed:
        said.register(driver.fileno(), select.POLLIN)  # the end of a connection can be read, too
    if driver.closed or said.poll(0):
        raise InvalidatePoolError


async def _begin(tx: AsyncSession, customer_id: UUID | None) -> None:
    """Names the customer for row-level security; without one the role APP sees nothing."""
    if customer_id is not None:
        await tx.execute(text("select set_config('app.customer_id', :customer, true)"), {"customer": str(customer_id)})


def role_urls(settings: Settings) -> dict[Role, URL]:
    """Each role's address: its own setting, or DATABASE_URL with the role's name and a password derived from SECRET_KEY."""
    given = {Role.APP: settings.database_app_url, Role.WORK: settings.database_work_url, Role.LICENSE: settings.database_license_url}
    return {
        role: make_url(url) if url else settings.owner_url.set(username=role.value, password=role_password(settings, role))
        for role, url in given.items()
    }


def on_rows(result: Any) -> int:
    """Rows that an UPDATE or INSERT touched."""
    return int(result.rowcount)
