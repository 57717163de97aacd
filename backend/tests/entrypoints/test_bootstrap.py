"""The scripts at the top of the tree, run on a copy with one tiny package of their own to install, so that no network is needed."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPTS = ("setup.sh", "dev.sh", "test.sh", "prod.sh", "nextbill")
# All that the scripts may use beside Python: a bare machine has these.
TOOLS = ("bash", "env", "dirname", "readlink", "cat", "cut", "sha256sum", "grep", "sed", "tail", "rm", "uname", "df", "awk", "sleep")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the scripts in a folder with a space in its name, locked to one package that lies beside it."""
    top = tmp_path / "a tree"
    (top / "backend" / "src").mkdir(parents=True)
    for name in SCRIPTS:
        shutil.copy(REPOSITORY / name, top / name)
    (top / "backend" / "src" / "ours.py").write_text("print('ours is found')\n")
    wheel = _wheel(tmp_path / "wheels")
    lock_to(top, wheel, hashlib.sha256(wheel.read_bytes()).hexdigest())
    return top


def lock_to(top: Path, wheel: Path, digest: str) -> None:
    requirements = top / "backend" / "requirements"
    requirements.mkdir(exist_ok=True)
    for level in ("base", "dev"):
        (requirements / f"{level}.txt").write_text(f"--no-index\n--find-links {wheel.parent.as_uri()}\ntiny==1.0 \\\n    --hash=sha256:{digest}\n")


def _wheel(folder: Path) -> Path:
    folder.mkdir()
    files = {
        "tiny.py": "print('tiny is found')\n",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {name: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode() for name, text in files.items()}
    rows = [f"{name},sha256={digests[name]},{len(text)}" for name, text in files.items()]
    files["tiny-1.0.dist-info/RECORD"] = "\n".join([*rows, "tiny-1.0.dist-info/RECORD,,", ""])
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def bare_path(tmp_path: Path) -> Path:
    """A PATH with the plain tools and no Python, pip or uv."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return folder


def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("NEXTBILL_")}
    own |= {"NEXTBILL_NO_UV": "1", "PYTHON": sys.executable} | environment
    return subprocess.run([str(script), *arguments], capture_output=True, text=True, env=own, cwd="/", timeout=150, check=False)


def imported(tree: Path, module: str) -> str:
    command = [str(tree / ".venv/bin/python"), "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", check=True).stdout.strip()


def test_the_second_start_installs_nothing_and_needs_nothing(tree: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("a tree/setup.sh")
    first = run(link)
    assert first.returncode == 0, first.stderr
    assert "Installing 1 packages" in first.stderr
    assert (imported(tree, "tiny"), imported(tree, "ours")) == ("tiny is found", "ours is found")
    second = run(tree / "setup.sh", PATH=str(bare_path(tmp_path)), PYTHON="")
    assert second.returncode == 0
    assert second.stderr == "Ready. Next: ./dev.sh starts everything, ./test.sh tests it, ./nextbill --help shows the commands.\n"


def test_a_setup_that_was_killed_half_way_is_repaired(tree: Path) -> None:
    assert run(tree / "setup.sh").returncode == 0
    (tree / ".venv.building").touch()
    for file in (tree / ".venv").rglob("tiny.py"):
        file.write_text("")
    again = run(tree / "setup.sh")
    assert again.returncode == 0, again.stderr
    assert imported(tree, "tiny") == "tiny is found"
    assert not (tree / ".venv.building").exists()


def test_a_new_lock_is_installed_and_a_moved_tree_found_again(tree: Path, tmp_path: Path) -> None:
    assert run(tree / "setup.sh").returncode == 0
    moved = tree.rename(tmp_path / "moved")
    assert "Installing" not in run(moved / "setup.sh").stderr
    assert imported(moved, "ours") == "ours is found"
    for file in (moved / "backend" / "requirements").iterdir():
        file.write_text(file.read_text() + "# another lock\n")
    assert "Installing" in run(moved / "setup.sh").stderr


def test_two_setups_at_once_take_turns(tree: Path) -> None:
    own = os.environ | {"NEXTBILL_NO_UV": "1", "PYTHON": sys.executable}
    both = [subprocess.Popen([str(tree / "setup.sh")], stderr=subprocess.PIPE, text=True, env=own) for _ in range(2)]
    told = [process.communicate(timeout=150)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sum("Installing" in words for words in told) == 1
    assert imported(tree, "tiny") == "tiny is found"


def test_an_altered_package_is_refused_in_one_line(tree: Path, tmp_path: Path) -> None:
    lock_to(tree, tmp_path / "wheels" / "tiny-1.0-py3-none-any.whl", "0" * 64)
    refused = run(tree / "setup.sh")
    assert refused.returncode == 1
    _installing, line = refused.stderr.splitlines()
    assert line.startswith("setup: a downloaded package is not the one that was locked")


@pytest.mark.parametrize(("python", "found"), [('[ "$1" = --version ] && echo Python 3.9.2', "Python 3.9.2"), (None, "none")])
def test_a_missing_or_old_python_is_named_with_the_way_out(tree: Path, tmp_path: Path, python: str | None, found: str) -> None:
    path = bare_path(tmp_path)
    if python:
        (path / "python3").write_text(f"#!/bin/sh\n{python}\n")
        (path / "python3").chmod(0o755)
    refused = run(tree / "dev.sh", PATH=str(path), PYTHON="")
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"setup: Python 3.11 or newer is needed (found: {found}). Install it")


def test_a_python_without_venv_is_told_the_package(tree: Path, tmp_path: Path) -> None:
    path = bare_path(tmp_path)
    (path / "python3").write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    (path / "python3").chmod(0o755)
    refused = run(tree / "setup.sh", PATH=str(path), PYTHON="")
    assert refused.returncode == 1
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    (line,) = refused.stderr.splitlines()
    assert line == f"setup: this Python has no venv module. Install it (Debian, Ubuntu: sudo apt-get install {package}) and run it again."


def test_prod_refuses_unless_live(tree: Path) -> None:
    (tree / ".env").write_text("NEXTBILL_MODE=sandbox\n")
    refused = run(tree / "prod.sh")
    assert refused.returncode == 2
    assert refused.stderr.startswith('prod: NEXTBILL_MODE is "sandbox". Set NEXTBILL_MODE=live')
    assert not (tree / ".venv").exists()
