"""`nextbill migrate`. It runs at every start, so it imports little until there is something to do."""

from __future__ import annotations

import importlib
from typing import Annotated

import psycopg
import typer

from nextbill.entrypoints.cli.environment import settings
from nextbill.entrypoints.cli.output import USAGE, fail, stderr
from nextbill.runtime import schema


def bring_up_to_date(revision: Annotated[str, typer.Option(help="a revision, or -1 for one back")] = "head") -> None:
    """Create or update the schema and the database roles. Safe at every start."""
    chosen = settings()
    try:
        if revision == schema.HEAD and schema.prepare(chosen):
            stderr.print(f"Schema is at {schema.newest_revision()} already.", highlight=False)
            return
        importlib.import_module("nextbill.runtime.migrate").migrate(chosen, revision=revision)
    except schema.UnknownRevision as error:
        fail(str(error), code=USAGE)
    except (psycopg.Error, schema.ServerTooOld) as error:
        fail(f"The database cannot be migrated: {str(error).splitlines()[0]}")
    stderr.print(f"Schema is at {schema.newest_revision() if revision == schema.HEAD else revision}.", highlight=False)
