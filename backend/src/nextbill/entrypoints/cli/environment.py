"""The settings a command runs with: the environment's, or those of the system that `up` runs here."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pydantic import ValidationError

from nextbill.entrypoints.cli.output import USAGE, fail
from nextbill.entrypoints.embedded import layout
from nextbill.runtime.settings import Settings


def settings() -> Settings:
    """The environment's settings, or else the running system's; what is missing or does not fit is told by its name in the environment."""
    _borrow_from_running_system()
    try:
        return Settings()
    except ValidationError as error:
        if any(item["loc"] == ("database_url",) and item["type"] == "missing" for item in error.errors()):
            fail(f"No system runs with its data in {_data()}, and DATABASE_URL is not set. ./dev.sh starts one; .env.example explains.", code=USAGE)
        lines = [
            f"{'.'.join(str(part) for part in item['loc']).upper() or 'Settings'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        ]
        fail("\n".join(lines), code=USAGE)


def _borrow_from_running_system() -> None:
    """Without a DATABASE_URL of one's own, commands mean the system that `up` runs here: it left its settings in its data folder."""
    left = _data() / layout.ENVIRONMENT
    if "DATABASE_URL" not in layout.users_settings() and left.exists():
        for name, value in json.loads(left.read_text()).items():
            os.environ.setdefault(name, value)


def _data() -> Path:
    return Path(layout.users_settings().get("NEXTBILL_DATA") or layout.REPOSITORY / ".nextbill")
