"""Commands that need the whole product wired, and what they make of its refusals."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError

from nextbill.entrypoints.cli.environment import settings
from nextbill.entrypoints.cli.output import USAGE, fail
from nextbill.entrypoints.seeding import DemoDataInLive
from nextbill.kernel.errors import Problem
from nextbill.runtime import logging
from nextbill.runtime.clock import make_clock
from nextbill.runtime.settings import MissingSetting
from nextbill.runtime.vendors import VendorError
from nextbill.wiring import Wired, wire

T = TypeVar("T")


def with_system(use: Callable[[Wired], Awaitable[T]]) -> T:
    """Runs `use` with everything wired; a refusal becomes one clear line."""
    chosen = settings()
    logging.configure("text" if sys.stderr.isatty() else chosen.log_format, level=30)

    async def main() -> T:
        wired = wire(chosen, make_clock(chosen))
        try:
            return await use(wired)
        finally:
            await wired.close()

    with failing_clearly():
        return asyncio.run(main())


@contextmanager
def failing_clearly() -> Iterator[None]:
    try:
        yield
    except (MissingSetting, DemoDataInLive) as refusal:
        fail(str(refusal), code=USAGE)
    except Problem as problem:
        fail("".join([problem.detail, *(f"\n  {name}: {message}" for name, message in problem.fields.items())]))
    except VendorError as error:
        fail(f"The vendor answered: {error}")
    except DBAPIError as error:
        fail(_about_database(error.orig or error))
    except psycopg.Error as error:
        fail(_about_database(error))
    except OSError as error:
        fail(str(error))


def _about_database(error: BaseException) -> str:
    said = str(error).strip().partition("\n")[0]
    if isinstance(error, psycopg.ProgrammingError) or "authentication failed" in said:
        return f"The database is not prepared for this version: {said}. `nextbill migrate` prepares it."
    if isinstance(error, psycopg.OperationalError):
        return f"The database does not answer: {said}. Is the system running? ./dev.sh starts it."
    return f"The database refused: {said}"
