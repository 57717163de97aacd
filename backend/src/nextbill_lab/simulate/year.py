"""One year: written, played in a private system, and held against a count by somebody who was not there."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta

from nextbill_lab.bench.database import Owner, settings_of
from nextbill_lab.chaos.misdeeds import Vendors
from nextbill_lab.simulate import books
from nextbill_lab.simulate.compare import compare, figures
from nextbill_lab.simulate.play import Played, morning, play
from nextbill_lab.simulate.recount.walk import count
from nextbill_lab.simulate.report import Report, fill_in
from nextbill_lab.simulate.script import Script
from nextbill_lab.system import System
from nextbill_lab.trouble import Missing
from nextbill_lab.vendors import Outside


async def live_through(system: System, script: Script, *, on_day: Callable[[date], None]) -> Report:
    """Plays the script and reports. Raises Missing, Refused where the course of things breaks off."""
    played = await play(system, script, on_day=on_day)
    return await examine(system, script, played)


async def examine(system: System, script: Script, played: Played) -> Report:
    """Both counts, and every figure in which they differ; what the product refused, and invariants that do not hold, are differences too."""
    outside, owner = Outside(), Owner(system)
    try:
        ours = books.ours(owner, now=morning(script.until))
        theirs = await books.theirs(Vendors(system, outside))
        found = compare(figures(count(script), last=script.until - timedelta(days=1)), ours | theirs)
        report = Report(script.seed, len(script.lives), script.begins, script.until, bool(script.mishaps), months=played.months)
        report.prices_raised, report.compared = played.told_of_rise, found.compared
        report.differences = [*map(str, found.differences), *played.refused, *await _broken(system)]
        fill_in(report, owner, ours)
    finally:
        owner.close()
        await outside.close()
    return report


async def _broken(system: System) -> list[str]:
    """What `nextbill check` finds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "nextbill", "check", "--json", env=settings_of(system), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    told, words = await process.communicate()
    try:
        found = json.loads(told)
    except ValueError:
        raise Missing(f"nextbill check said nothing: {words.decode(errors='replace')[-300:]}") from None
    return [f"{one['invariant']}: {line}" for one in found for line in one["violations"]]
