"""The demo shop, seeded once a run and then copied: seeding it again finds everything there."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.databases import LOGINS
from tests.support.shop import open_shop


def seed_demo(dsn: str, logins: Path) -> None:
    """Whatever loop the caller is in: this one runs in a thread with a loop of its own."""

    async def once(folder: Path) -> None:
        async with open_shop(dsn, folder):
            pass

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, once(Path(folder))).result()
        shutil.copy(Path(folder) / LOGINS, logins)
