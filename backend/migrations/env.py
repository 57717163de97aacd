"""Alembic's entry: online only, as the owner, with short lock waits so that a migration never stalls the shop."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text

from nextbill.runtime.database import Base

target_metadata = Base.metadata


def run() -> None:
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        connection.execute(text("set lock_timeout = '5s'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=target_metadata, transaction_per_migration=True, compare_server_default=False)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
