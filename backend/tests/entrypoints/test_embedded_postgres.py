"""The embedded server keeps what was committed, whatever ends it, and refuses what would harm the data."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from nextbill.entrypoints.embedded.account import Account
from nextbill.entrypoints.embedded.errors import StartRefused
from nextbill.entrypoints.embedded.memory import shared_buffers_megabytes
from nextbill.entrypoints.embedded.postgres import EmbeddedPostgres

LAUNCHER = """
import sys, time
from pathlib import Path
from nextbill.entrypoints.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, server.dsn("postgres"), flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: root's is closed to the account that PostgreSQL runs as."""
    place = Path(tempfile.mkdtemp(prefix="nextbill-postgres-"))
    place.chmod(0o711)
    yield place / "postgres"
    shutil.rmtree(place)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    found = EmbeddedPostgres(folder)
    found.start()
    yield found
    found.stop()


def note(dsn: str, word: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("create table if not exists notes (word text)")
        connection.execute("insert into notes values (%s)", (word,))


def notes(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("select word from notes order by word")]


def test_rows_survive_a_crash_and_a_stop(server: EmbeddedPostgres) -> None:
    server.ensure_database("shop")
    note(server.dsn("shop"), "before the crash")
    server.kill_hard()
    assert not server.running()
    server.start()
    server.ensure_database("shop")
    note(server.dsn("shop"), "then the stop")
    port = server.port
    server.stop()
    server.start()
    assert notes(server.dsn("shop")) == ["before the crash", "then the stop"]
    assert server.port == port


def test_it_is_set_up_as_the_product_expects(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn("postgres")) as connection:
        expected = {"listen_addresses": "127.0.0.1", "data_checksums": "on", "jit": "off", "server_encoding": "UTF8", "timezone": "UTC"}
        assert {name: connection.execute(f"show {name}").fetchone() for name in expected} == {name: (value,) for name, value in expected.items()}
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres:guessed@127.0.0.1:{server.port}/postgres").close()
    assert (server.home / "password").stat().st_mode & 0o077 == 0


def test_a_killed_launcher_takes_its_server_along_and_the_next_one_finds_the_rows(folder: Path) -> None:
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    pid, dsn = launcher.stdout.readline().split()
    note(dsn, "kept")
    launcher.send_signal(signal.SIGKILL)
    launcher.communicate()
    after = EmbeddedPostgres(folder)
    after.start()  # waits for the old server to be gone
    try:
        assert after.pid != int(pid)
        assert notes(after.dsn("postgres")) == ["kept"]
    finally:
        after.stop()


def test_a_second_start_on_the_same_folder_is_refused_and_harms_nothing(server: EmbeddedPostgres) -> None:
    with pytest.raises(StartRefused, match=f"running already \\(process {os.getpid()}\\)"):
        EmbeddedPostgres(server.home).start()
    note(server.dsn("postgres"), "still served")
    assert notes(server.dsn("postgres")) == ["still served"]


def test_data_of_another_major_version_is_refused_with_the_way_out(server: EmbeddedPostgres) -> None:
    server.stop()
    mark = server.home / "data" / "PG_VERSION"
    right = mark.read_text()
    mark.write_text("9\n")
    with pytest.raises(StartRefused, match="written by PostgreSQL 9, but here is .*pg_dump"):
        server.start()
    mark.write_text(right)
    server.start()
    assert server.running()


def test_what_a_killed_run_left_is_cleared_away(server: EmbeddedPostgres) -> None:
    server.stop()
    shutil.rmtree(server.home / "data")
    (server.home / "data.draft").mkdir()
    (server.home / "data.draft" / "PG_VERSION").write_text("half done")
    server.start()
    assert server.running()
    server.kill_hard()
    (server.home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")  # the number now belongs to another process
    server.start()
    assert server.running()


def test_a_port_that_was_taken_meanwhile_is_given_up(server: EmbeddedPostgres) -> None:
    server.stop()
    port = server.port
    with socket.create_server(("127.0.0.1", port)):
        server.start()
    assert server.port != port
    server.ensure_database("elsewhere")


def test_whether_an_account_can_get_to_a_folder(folder: Path) -> None:
    stranger = Account("stranger", 4_000_000, 4_000_000)
    folder.mkdir(mode=0o755)
    assert stranger.can_enter(folder)
    folder.parent.chmod(0o700)
    assert not stranger.can_enter(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another account")
def test_roots_closed_folder_keeps_its_mode_and_the_data_goes_elsewhere(folder: Path) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres", durable=False, elsewhere=folder.parent / "open")
    server.start()
    note(server.dsn("postgres"), "elsewhere")
    server.stop()
    again = EmbeddedPostgres(closed / "postgres", durable=False, elsewhere=folder.parent / "open")
    again.start()
    assert notes(again.dsn("postgres")) == ["elsewhere"]
    again.stop()
    assert again.home.parent == folder.parent / "open"
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == 0


@pytest.mark.parametrize(("allowed", "buffers"), [("1073741824\n", 256), ("104857600\n", 128)], ids=["a gigabyte", "hardly any"])
def test_pages_are_kept_in_a_quarter_of_what_a_container_may_have(tmp_path: Path, allowed: str, buffers: int) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(allowed)
    assert shared_buffers_megabytes(limit=limit) == buffers


@pytest.mark.parametrize("allowed", ["max\n", None], ids=["no limit", "no container"])
def test_pages_are_never_kept_in_more_than_a_gigabyte(tmp_path: Path, server: EmbeddedPostgres, allowed: str | None) -> None:
    limit = tmp_path / "memory.max"
    if allowed:
        limit.write_text(allowed)
    assert 128 <= shared_buffers_megabytes(limit=limit) <= 1024
    with psycopg.connect(server.dsn("postgres")) as connection:
        kept = connection.execute("select setting::bigint * 8 / 1024 from pg_settings where name = 'shared_buffers'").fetchone()
    assert kept == (shared_buffers_megabytes(),)
