"""The whole system, started by its own command, bought from by its own demo: what a newcomer runs first."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src"
STEPS = [
    "start",
    "register",
    "confirm",
    "log_in",
    "address",
    "plans",
    "domain",
    "order",
    "checkout",
    "pay",
    "return",
    "deliver",
    "invoice",
    "receipt",
    "domain_owned",
    "welcome",
    "reveal",
    "panel_login",
    "license",
    "validate",
    "books",
]


def nextbill(*arguments: str, temporary: Path, seconds: float = 150, **environment: str) -> subprocess.CompletedProcess[str]:
    around = {name: value for name, value in os.environ.items() if not name.startswith(("NEXTBILL_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "nextbill", *arguments],
        env=around | {"PYTHONPATH": str(SOURCES), "TMPDIR": str(temporary)} | environment,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Short, since a socket's path may have 107 characters; open to pass, since as root the server runs under another account."""
    folder = Path(tempfile.mkdtemp(prefix="lab-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.timeout(180)
def test_a_fresh_demo_delivers_everything_and_leaves_nothing(temporary: Path) -> None:
    ended = nextbill("demo", "--fresh", "--json", temporary=temporary)

    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["missing"] == []
    assert re.fullmatch(r"ORD-\d{4}-\d{6}", told["order"])
    assert told["order_state"] == "completed"
    assert re.fullmatch(r"INV-\d{4}-\d{6}", told["invoice"]["number"])
    assert told["invoice"]["total"] == {"amount": 9900 + 1499, "currency": "USD"}
    assert told["invoice"]["state"] == "paid"
    assert re.fullmatch(r"NP(-[2-9A-HJKMNP-TV-Z]{4}){3}", told["license_key"])
    assert told["remaining_databases"] == 50
    assert told["domain"].endswith(".com")
    assert told["account"]["status"] == "ready"
    assert told["account"]["username"]
    assert len(told["mails"]) == len(set(told["mails"])) == 3, "confirmation, receipt, welcome, each once"
    assert set(told["trial_balance"].values()) == {0}
    assert list(told["seconds"]) == STEPS
    assert told["paid_to_delivered_seconds"] > 0
    assert list(temporary.iterdir()) == []


def test_a_demo_without_a_system_says_how_to_get_one(temporary: Path, tmp_path: Path) -> None:
    ended = nextbill("demo", "--json", temporary=temporary, NEXTBILL_DATA=str(tmp_path))

    assert ended.returncode == 1
    assert "no system runs" in json.loads(ended.stdout)["missing"][0]
    assert "--fresh" in ended.stderr


def test_fresh_and_a_named_system_exclude_each_other(temporary: Path) -> None:
    ended = nextbill("demo", "--fresh", "--api", "http://127.0.0.1:9", temporary=temporary)

    assert ended.returncode == 2
    assert "--fresh" in ended.stderr
