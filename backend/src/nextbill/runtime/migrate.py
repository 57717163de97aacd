"""Brings the schema to a revision. The only process that logs in as the owner."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from nextbill.runtime import schema
from nextbill.runtime.settings import Settings


def migrate(settings: Settings, *, revision: str = schema.HEAD) -> None:
    """Roles first, then the revisions, one migrating process at a time. Safe to run at every start.

    Raises:
        UnknownRevision: there is no migration to it.
    """
    with schema.as_owner(settings):
        configuration = alembic_config(settings)
        try:
            (command.downgrade if revision.startswith("-") else command.upgrade)(configuration, revision)
        except CommandError as error:
            raise schema.UnknownRevision(f"{revision}: {error}") from error


def alembic_config(settings: Settings) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(schema.MIGRATIONS))
    configuration.attributes["url"] = settings.owner_url
    return configuration
