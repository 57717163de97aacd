"""The client for panels is held to the house's rules too, though it is a package of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "clients" / "python"


@pytest.mark.parametrize("command", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy", "src"]], ids=" ".join)
def test_style_and_types(command: list[str], tmp_path: Path) -> None:
    cache = ["--cache-dir", str(tmp_path)]
    ended = subprocess.run([sys.executable, "-m", *command, *cache], cwd=PACKAGE, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_it_needs_nothing_of_the_product() -> None:
    lines = [line for path in (PACKAGE / "src").rglob("*.py") for line in path.read_text().splitlines()]
    assert not [line for line in lines if line.startswith(("import nextbill", "from nextbill"))]
