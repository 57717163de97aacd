"""The command line as a user meets it: processes of its own, beside one running system."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from nextbill.entrypoints.cli.lazy import load
from nextbill.entrypoints.cli.main import COMMANDS
from nextbill.wiring import INVARIANTS
from tests.support.warm_cli import warm_cli

SOURCES = Path(__file__).resolve().parents[2] / "src"
HEAVY = ("nextbill.wiring", "fastapi", "sqlalchemy", "stripe", "pgqueuer", "alembic")
WIDTH = 80
Cli = Callable[..., subprocess.CompletedProcess[str]]
"""The data folder, then the words of a command → how it ended."""


def environment(data: Path) -> dict[str, str]:
    foreign = ("DATABASE_URL", "SECRET_KEY", "REDIS_URL", "NEXTBILL_MODE", "NEXTBILL_ADMIN_PASSWORD")
    own = {name: value for name, value in os.environ.items() if name not in foreign}
    return own | {"NEXTBILL_DATA": str(data), "PYTHONPATH": str(SOURCES), "COLUMNS": str(WIDTH)}


@pytest.fixture(scope="module")
def cli() -> Iterator[Cli]:
    with warm_cli() as warm:

        def nextbill(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
            done = warm.run(arguments, environment(data))
            assert "Traceback" not in done.stderr, done.stderr
            return done

        yield nextbill


def loaded_by(*arguments: str) -> list[str]:
    code = (
        "import sys; from nextbill.entrypoints.cli.main import app\n"
        f"try: app({list(arguments)!r}, prog_name='nextbill')\n"
        f"finally: print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=False)
    return done.stdout.rpartition("LOADED")[2].split()


@pytest.fixture(scope="module")
def running() -> Iterator[Path]:
    """The data folder of a system that runs while this module's tests do; not pytest's, which PostgreSQL's account may not enter."""
    data = Path(tempfile.mkdtemp(prefix="nextbill-"))
    command = [
        sys.executable,
        "-m",
        "nextbill",
        "up",
        "--ports",
        "auto",
        "--data",
        str(data),
        "--json",
        "--until-stdin-closes",
        "--without",
        "portal",
    ]
    with (data / "up.log").open("w") as words:
        process = subprocess.Popen(command, env=environment(data), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, text=True)
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.closing(process.stdout), contextlib.closing(process.stdin):
            told = process.stdout.readline()
            assert told, (data / "up.log").read_text()
            yield data
    assert process.wait(60) == 0, (data / "up.log").read_text()
    shutil.rmtree(data)


@pytest.mark.parametrize("arguments", [("--help",), ("up", "--help"), ("demo", "--help")])
def test_help_and_up_import_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) == []
    assert "nextbill.wiring" in loaded_by("check", "--help")  # the list can tell


def test_help_names_every_command_in_one_line_each(cli: Cli, tmp_path: Path) -> None:
    rows = [line.strip("│ ").split(maxsplit=1) for line in cli(tmp_path, "--help").stdout.splitlines() if line.startswith("│")]
    assert [row for row in rows if row[0] in COMMANDS] == [[name, line] for name, (_, line) in COMMANDS.items()]
    for name, (place, _) in COMMANDS.items():
        assert load(name, place).name == name


def test_wrong_usage_ends_with_2_and_a_hint(cli: Cli, tmp_path: Path) -> None:
    for arguments, hint in {
        ("chek",): "Did you mean 'check'?",
        ("check", "--nope"): "No such option",
        ("check",): "No system runs with its data in",
        ("migrate",): "./dev.sh starts one",
        ("jobs", "requeue"): "Name the jobs by id, or say --all.",
        ("create-admin", "boss@example.com"): "NEXTBILL_ADMIN_PASSWORD",
        ("up", "--without", "nothing"): "not a part",
    }.items():
        done = cli(tmp_path, *arguments)
        assert done.returncode == 2, arguments
        assert hint in " ".join(done.stderr.split()), arguments


@pytest.mark.parametrize("arguments", [("jobs", "list"), ("migrate",), ("worker", "--seed")])
def test_a_database_that_is_gone_is_told_in_one_line(cli: Cli, running: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    left: dict[str, str] = json.loads((running / "environment.json").read_text())
    server, _, name = left["DATABASE_URL"].rpartition("/")
    (tmp_path / "environment.json").write_text(json.dumps(left | {"DATABASE_URL": f"{server.rpartition(':')[0]}:9/{name}"}))
    done = cli(tmp_path, *arguments)
    assert done.returncode == 1
    assert "Connection refused" in done.stderr
    assert len([line for line in done.stderr.splitlines() if not line.startswith("{")]) == 1


@pytest.fixture(scope="module")
def told(cli: Cli) -> Callable[..., Any]:
    def what_it_told(data: Path, *arguments: str) -> Any:
        done = cli(data, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return what_it_told


def test_commands_speak_to_the_running_system_as_text_and_as_json(told: Callable[..., Any], cli: Cli, running: Path) -> None:
    for arguments in (
        ("check",),
        ("servers", "list"),
        ("servers", "test"),
        ("panel-keys", "list"),
        ("jobs", "list"),
        ("jobs", "failed"),
        ("doctor",),
    ):
        shown = cli(running, *arguments)
        assert shown.returncode == 0, (arguments, shown.stdout, shown.stderr)
        assert max(map(len, shown.stdout.splitlines())) <= WIDTH
        assert shown.stdout.strip()
    assert {row["state"] for row in told(running, "doctor")} == {"ok"}
    assert [found["violations"] for found in told(running, "check")] == [[]] * len(INVARIANTS)
    assert [row["name"] for row in told(running, "servers", "test", "alpha")] == ["alpha"]
    assert told(running, "jobs", "requeue", "--all") == {"requeued": [], "unknown": []}


def test_what_must_be_safe_at_every_start_changes_nothing(told: Callable[..., Any], cli: Cli, running: Path) -> None:
    before = told(running, "panel-keys", "list"), [server["name"] for server in told(running, "servers", "list")]
    assert told(running, "seed")["servers"] == "alpha, beta"
    assert cli(running, "migrate").stderr.endswith("already.\n")
    assert (told(running, "panel-keys", "list"), [server["name"] for server in told(running, "servers", "list")]) == before


def test_a_panel_key_is_made_listed_and_revoked(told: Callable[..., Any], cli: Cli, running: Path) -> None:
    made = told(running, "panel-keys", "create", "fra1", "--server", "alpha", "--permission", "usage", "--address", "203.0.113.7")
    assert made["key"] in cli(running, "panel-keys", "list").stdout
    assert made["secret"] not in json.dumps(told(running, "panel-keys", "list"))
    assert told(running, "panel-keys", "revoke", made["key"]) == {"revoked": made["key"]}
    (row,) = [row for row in told(running, "panel-keys", "list") if row["key"] == made["key"]]
    assert row["permissions"] == ["usage"]
    assert row["revoked"] is not None


def test_what_is_refused_ends_with_1_and_says_why(cli: Cli, running: Path) -> None:
    for arguments, reason in {
        ("servers", "test", "nope"): "There is no server called nope",
        ("panel-keys", "create", "x", "--server", "nope"): "There is no server called nope",
        ("panel-keys", "create", "x", "--permission", "all"): "choose from validate",
        ("panel-keys", "revoke", "npk_nope"): "no such API key",
        ("jobs", "requeue", "4711"): "No failed job: 4711",
        ("create-admin", "owner@example.com", "--password", "a staff password"): "There is a login with this e-mail address",
        ("openapi", "--write", "/dev/null/x.json"): "/dev/null",
        ("sample-invoice", "/dev/null/x.pdf"): "/dev/null",
    }.items():
        done = cli(running, *arguments)
        assert done.returncode == 1, arguments
        assert reason in done.stderr, arguments
    assert cli(running, "migrate", "--revision", "nope").returncode == 2


def test_a_second_api_says_that_its_port_is_taken(cli: Cli, running: Path) -> None:
    done = cli(running, "api")
    assert (done.returncode, done.stderr) == (1, "A port is taken: is this running already? API_PORT and METRICS_PORT move it.\n")


def test_an_administrator_is_made_and_the_api_is_described(told: Callable[..., Any], cli: Cli, running: Path, tmp_path: Path) -> None:
    assert told(running, "create-admin", "boss@example.com", "--password", "a staff password")["role"] == "admin"
    document = tmp_path / "openapi.json"
    assert cli(running, "openapi", "--write", str(document)).returncode == 0
    assert "/api/v1/licenses/validate" in json.loads(document.read_text())["paths"]
    assert cli(running, "openapi", "--write", str(document), "--check").returncode == 0
    document.write_text("{}")
    assert cli(running, "openapi", "--write", str(document), "--check").returncode == 1


def test_a_sample_of_the_houses_paper_is_written(told: Callable[..., Any], cli: Cli, running: Path, tmp_path: Path) -> None:
    paper = tmp_path / "sample.pdf"
    written = told(running, "sample-invoice", str(paper), "--language", "de")
    assert (written["e_invoice"], written["bytes"]) == (True, paper.stat().st_size)
    with pikepdf.open(paper) as pdf:
        assert "factur-x.xml" in pdf.attachments
    assert told(running, "sample-invoice", str(paper), "--repeat", "3")["cpu_milliseconds_each"] > 0
    refused = cli(running, "sample-invoice", "--language", "fr")
    assert (refused.returncode, refused.stderr) == (2, "--language fr: choose from en, de.\n")
