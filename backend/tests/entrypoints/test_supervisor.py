"""The supervisor with real child processes: order, restarts, refusals, and nobody left behind."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from nextbill.entrypoints.embedded import children, layout, ports
from nextbill.entrypoints.embedded.errors import StartRefused
from nextbill.entrypoints.embedded.supervisor import Part, Supervisor

PATIENCE_SECONDS = 30


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, said: io.StringIO) -> Supervisor:
    return Supervisor(layout.make_data_folder(tmp_path), Console(file=said, width=300))


def web(port: int) -> Part:
    return Part("web", ["http.server", str(port), "--bind", "127.0.0.1"], dict(os.environ), [(port, "/")])


def test_a_crashed_part_is_started_again_and_everything_is_stopped_at_the_end(supervisor: Supervisor, said: io.StringIO) -> None:
    part = web(ports.free()["api"])
    changes: list[dict[str, int]] = []
    supervisor.on_change = lambda: changes.append(supervisor.pids())
    supervisor.launch("Web", part)
    supervisor.settle()
    first = supervisor.pids()["web"]
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not changes and time.monotonic() < deadline:
        supervisor.watch()
        time.sleep(0.02)
    assert [change["web"] != first for change in changes] == [True]
    assert "web ended by SIGKILL; starting it again in 0.5 s." in said.getvalue()
    supervisor.stop()
    assert part.process is not None
    assert part.process.returncode == -signal.SIGTERM
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", part.probes[0][0])) != 0


def test_a_part_that_ends_at_once_is_told_with_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    part = Part("web", ["http.server", "not-a-port"], dict(os.environ), [(1, "/")])
    supervisor.launch("Web", part)
    with pytest.raises(StartRefused, match="Web: ended with status 2: .*invalid int value: 'not-a-port'"):
        supervisor.settle()


def test_a_step_that_fails_is_told_and_one_under_way_is_ended_with_everything_else(supervisor: Supervisor, tmp_path: Path, said: io.StringIO) -> None:
    port = ports.free()["api"]
    supervisor.begin("Long step", "long", ["http.server", str(port), "--bind", "127.0.0.1"], dict(os.environ))
    supervisor.launch("Web", web(ports.free()["api"]))
    supervisor.begin("Migrations", "migrate", ["nothing_of_this_name"], dict(os.environ))
    with pytest.raises(StartRefused, match="Migrations: failed with status 1: .*No module named nothing_of_this_name"):
        supervisor.settle()
    assert (tmp_path / "logs" / "migrate.log").exists()
    supervisor.stop()
    assert "Long step" not in said.getvalue()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_taken_port_is_refused_with_its_holder_and_the_setting_that_moves_it() -> None:
    chosen = {setting: str(port) for (setting, _), port in zip(ports.FIXED.values(), ports.free().values(), strict=True)}
    assert list(ports.fixed(chosen).values()) == [int(port) for port in chosen.values()]
    with socket.create_server(("127.0.0.1", int(chosen["STRIPE_PORT"]))):
        with pytest.raises(StartRefused, match="set STRIPE_PORT to another port") as refused:
            ports.fixed(chosen)
    if sys.platform == "linux":
        assert f"(process {os.getpid()})" in str(refused.value)
    with pytest.raises(StartRefused, match="API_PORT=eighty is not a port"):
        ports.fixed({"API_PORT": "eighty"})
    with pytest.raises(StartRefused, match="used by another part"):
        ports.fixed(chosen | {"STRIPE_PORT": chosen["API_PORT"]})


def test_free_ports_are_not_from_the_range_lent_to_outgoing_connections() -> None:
    """One that is could be lent to somebody between the choice and the moment its part listens."""
    lent_from = int(ports.LENT.read_text().split()[0]) if ports.LENT.exists() else 32768
    chosen = [*ports.free().values(), ports.one_free()]
    assert all(1024 <= port < lent_from for port in chosen)
    assert len(set(chosen[:-1])) == len(ports.FIXED)


def test_credentials_are_made_once_kept_secret_and_the_users_own_win(tmp_path: Path) -> None:
    data = layout.make_data_folder(tmp_path)
    first = layout.plan(data=data, ports_wanted="auto", settings={"SECRET_KEY": "the user's"})
    again = layout.plan(data=data, ports_wanted="auto", settings={})
    assert first.credentials == again.credentials
    assert "the user's" not in first.credentials.values()
    assert (data / "secrets.json").stat().st_mode & 0o777 == 0o600
    moved = {setting: str(port) for (setting, _), port in zip(ports.FIXED.values(), ports.free().values(), strict=True)}
    settings = moved | {"SECRET_KEY": "the user's", "DATABASE_URL": "postgresql://mine"}
    own = layout.plan(data=data, ports_wanted="fixed", settings=settings)
    assert (own.credentials["SECRET_KEY"], own.database_url) == ("the user's", "postgresql://mine")
    assert layout.plan(data=data, ports_wanted="auto", settings=settings).database_url is None


def test_vendors_and_product_are_given_the_same_credentials_and_addresses(tmp_path: Path) -> None:
    plan = layout.plan(data=layout.make_data_folder(tmp_path), ports_wanted="auto", settings={})
    product, vendors = plan.environment("postgresql://here"), plan.simulators()
    assert product["NEXTBILL_MODE"] == "sandbox"
    assert f"stripe.api_key={product['STRIPE_SECRET_KEY']}" in vendors
    assert f"stripe.webhook_secret={product['STRIPE_WEBHOOK_SECRET']}" in vendors
    assert f"stripe={product['STRIPE_API_BASE'].rpartition(':')[2]}" in vendors
    for panel in json.loads(product["NEXTBILL_SANDBOX_PANELS"]):
        assert f"nextpanel:{panel['name']}.api_secret={panel['api_secret']}" in vendors
        assert f"nextpanel:{panel['name']}={panel['url'].rpartition(':')[2]}" in vendors


def test_the_users_env_file_is_read_as_people_write_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\nTEST_A=plain # why\nexport TEST_B=\"with # sign\" # why\nTEST_C=\nTEST_D='x=y'\n\nnonsense\n")
    found = layout.users_settings(file)
    assert {name: value for name, value in found.items() if name.startswith("TEST_")} == {"TEST_A": "plain", "TEST_B": "with # sign", "TEST_D": "x=y"}


def test_a_log_that_has_grown_too_long_makes_room_at_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_bytes(b"x" * (children.LOG_LIMIT_BYTES + 1))
    with children.open_log(log) as handle:
        handle.write(b"fresh")
    assert log.read_bytes() == b"fresh"
    assert (tmp_path / "api.log.1").stat().st_size == children.LOG_LIMIT_BYTES + 1
