"""A worker that drains once and may die at a crash point: `python -m tests.support.mortal`, its settings as JSON on standard input."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from nextbill import wiring
from nextbill.entrypoints.worker import make_worker
from nextbill.runtime import crash
from nextbill.runtime.clock import MovableClock
from nextbill.runtime.settings import Settings

BACKEND = Path(__file__).resolve().parents[2]


async def drain(settings: Settings) -> None:
    wired = wiring.wire(settings, MovableClock(Path(str(settings.nextbill_clock_file))))
    await make_worker(wired, checking=False).drain(patience=timedelta(seconds=0.3))
    await wired.close()


def revealed(settings: Settings, **changes: Any) -> str:
    """All of the settings, secrets too: for the standard input of a process of our own."""
    plain = {name: getattr(settings, name) for name in Settings.model_fields}
    told = {name: value.get_secret_value() if hasattr(value, "get_secret_value") else value for name, value in plain.items()}
    return json.dumps({**told, **changes}, default=str)


async def dies(settings: Settings, at: str) -> bool:
    """Whether such a worker died there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.mortal", stdin=asyncio.subprocess.PIPE, cwd=BACKEND, env={"PYTHONPATH": f"{BACKEND / 'src'}:{BACKEND}"}
    )
    await process.communicate(revealed(settings, nextbill_crash_at=at).encode())
    assert process.returncode in (0, -9)
    return process.returncode == -9


if __name__ == "__main__":
    given = Settings(**json.load(sys.stdin), _env_file=None)
    crash.arm(given.nextbill_crash_at)
    asyncio.run(drain(given))
