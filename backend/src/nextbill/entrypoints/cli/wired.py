"""Commands that need the whole product wired, and what they make of its refusals."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from nextbill.entrypoints.cli.environment import settings
from nextbill.entrypoints.cli.output import USAGE, fail
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

    try:
        return asyncio.run(main())
    except MissingSetting as missing:
        fail(str(missing), code=USAGE)
    except Problem as problem:
        fields = "".join(f"\n  {name}: {message}" for name, message in problem.fields.items())
        fail(f"{problem.detail}{fields}")
    except VendorError as error:
        fail(f"The vendor answered: {error}")
    except OSError as error:
        fail(f"{error}. Is the system running? ./dev.sh starts it.")
