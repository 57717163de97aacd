"""The one direction of imports, and the house's other rules, are tests like any other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import tidy

BACKEND = Path(__file__).resolve().parents[2]


def _run(*command: str, cwd: Path = BACKEND, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": path or f"{cwd / 'src'}{os.pathsep}{cwd}"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def _lint_imports(cwd: Path) -> subprocess.CompletedProcess[str]:
    return _run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache", cwd=cwd)


def test_imports_point_one_way() -> None:
    result = _lint_imports(BACKEND)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("kernel/money.py", "import sqlalchemy"),
        ("capabilities/ledger/commands.py", "from nextbill.capabilities import invoicing"),
        ("capabilities/orders/commands/__init__.py", "from nextbill.capabilities.payments import models"),
        ("capabilities/payments/rules/payables.py", "from nextbill.runtime import database"),
        ("capabilities/catalog/queries/shop.py", "import fastapi"),
        ("runtime/jobs.py", "from nextbill.capabilities import identity"),
        ("capabilities/domains/models.py", "from nextbill.capabilities.domains import commands"),
        ("adapters/stripe/__init__.py", "import nextbill_simulators"),
    ],
)
def test_a_planted_import_is_caught(tmp_path: Path, place: str, line: str) -> None:
    planted = tmp_path / "backend"
    shutil.copytree(BACKEND, planted, ignore=shutil.ignore_patterns("tests", "node_modules", "__pycache__", ".*_cache", ".hypothesis"))
    target = planted / "src" / "nextbill" / place
    target.write_text(f"{target.read_text()}\n{line}\n")
    assert _lint_imports(planted).returncode != 0


def test_tidy() -> None:
    assert tidy.problems() == []


def test_ruff() -> None:
    result = _run(sys.executable, "-m", "ruff", "check", ".")
    assert result.returncode == 0, result.stdout
    formatted = _run(sys.executable, "-m", "ruff", "format", "--check", ".")
    assert formatted.returncode == 0, formatted.stdout


@pytest.mark.timeout(900)  # everything is read, from nothing on a fresh clone; on a busy machine that takes its time
def test_types() -> None:
    result = _run(sys.executable, "-m", "mypy", "src", "tools", "migrations/env.py")
    assert result.returncode == 0, result.stdout
