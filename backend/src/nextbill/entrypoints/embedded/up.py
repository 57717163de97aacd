"""One command: everything started, watched, and stopped again."""

from __future__ import annotations

import json as jsonlib
import os
import select
import signal
import sys
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from rich.console import Console

from nextbill.entrypoints.embedded import children, layout, page, portal
from nextbill.entrypoints.embedded.errors import StartRefused
from nextbill.entrypoints.embedded.layout import Layout
from nextbill.entrypoints.embedded.postgres import EmbeddedPostgres
from nextbill.entrypoints.embedded.supervisor import Part, Supervisor

WATCH_SECONDS = 0.25
NO_TERMINAL_WIDTH = 120
PARTS = ("simulators", "api", "worker", "portal")


def up(
    *,
    data: Path,
    ports: Literal["fixed", "auto"],
    json: bool = False,
    until_stdin_closes: bool = False,
    hot: bool = False,
    without: Collection[str] = (),
) -> None:
    """Start everything, say so once it is ready, and keep it running until Ctrl-C, SIGTERM or, if asked, the end of standard input.

    `ports="auto"` makes a private system: free ports, and none of the user's settings. `without`: parts (see PARTS) that the caller runs himself.
    `hot`: the portal from its sources.

    Raises:
        StartRefused: with one line that says what is in the way, and the way out.
    """
    settings = layout.users_settings()
    if settings.get("NEXTBILL_MODE", "sandbox") != "sandbox" and ports == "fixed":
        raise StartRefused("NEXTBILL_MODE=live: this command runs simulated vendors and refuses. Use ./prod.sh, or set NEXTBILL_MODE=sandbox.")
    began = time.monotonic()
    console = Console(stderr=True)
    data = layout.make_data_folder(data)
    with children.claim(data / "lock", what=f"NextPanel Billing with its data in {data}"):
        plan = layout.plan(data=data, ports_wanted=ports, settings=settings)
        supervisor = Supervisor(data, console)
        _forget_running(data)  # left by one that was killed
        _stop_on_signals()
        try:
            plan, facts = _start(supervisor, plan, without, hot=hot)
            _announce(plan, facts, database=supervisor.database(), as_json=json, seconds=time.monotonic() - began)
            _keep(supervisor, until_stdin_closes=until_stdin_closes)
        except KeyboardInterrupt:
            console.print("Stopping; a second Ctrl-C does it the hard way.")
        finally:
            _kill_on_signals()
            _forget_running(data)
            supervisor.stop()


def _start(supervisor: Supervisor, plan: Layout, without: Collection[str], *, hot: bool) -> tuple[Layout, dict[str, Any]]:
    if "portal" not in without and not hot and not portal.is_built():
        supervisor.begin(
            "Portal, built anew (a minute or two)", "portal-build", ["nextbill", "portal", "build"], plan.portal_environment(), needed=False
        )
    if "simulators" not in without:
        vendors = ("stripe", "resellerclub", "vies", "mailbox", *(f"panel_{name}" for name in layout.PANELS))
        probes = [(plan.ports[vendor], "/_sim/calls") for vendor in vendors]
        supervisor.launch("Simulated vendors", Part("simulators", ["nextbill_simulators", *plan.simulators()], plan.simulators_environment(), probes))
    database_url = plan.database_url or supervisor.start_postgres(EmbeddedPostgres(plan.data / "postgres"), layout.DATABASE)
    supervisor.begin("Migrations", "migrate", ["nextbill", "migrate"], plan.environment(database_url))
    supervisor.settle()
    plan = replace(plan, portal="portal" not in without and (hot or portal.is_built()))
    environment = plan.environment(database_url)
    _write_private(plan.data / layout.ENVIRONMENT, {name: value for name, value in environment.items() if os.environ.get(name) != value})
    if "api" not in without:
        supervisor.launch("API", Part("api", ["nextbill", "api"], environment, [(plan.ports["api"], "/health/ready")]))
    if "worker" in without:
        supervisor.begin("Demo data", "seed", ["nextbill", "seed"], environment)
    else:  # seeds first: half of a process's start is importing what both need
        port = plan.ports["worker_metrics"]
        command = ["nextbill", "worker", "--seed"]
        supervisor.launch("Demo data, worker", Part("worker", command, environment | {"METRICS_PORT": str(port)}, [(port, "/metrics")]))
    if plan.portal:
        command = ["nextbill", "portal", "serve", *(["--hot"] if hot else [])]
        supervisor.launch("Portal", Part("portal", command, plan.portal_environment(), [(plan.ports["portal"], "/robots.txt")]))
    supervisor.settle()

    def note() -> None:
        _write_private(plan.data / layout.RUNNING, page.summary(plan, _pids(supervisor)))

    supervisor.on_change = note
    note()
    return plan, page.summary(plan, _pids(supervisor))


def _pids(supervisor: Supervisor) -> dict[str, int]:
    return supervisor.pids() | {"supervisor": os.getpid()}


def _write_private(path: Path, document: dict[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as handle:
        jsonlib.dump(document, handle)
    draft.replace(path)


def _forget_running(data: Path) -> None:
    for name in (layout.RUNNING, layout.ENVIRONMENT):
        (data / name).unlink(missing_ok=True)


def _announce(plan: Layout, facts: dict[str, Any], *, database: str, as_json: bool, seconds: float) -> None:
    if as_json:
        sys.stdout.write(jsonlib.dumps(facts) + "\n")
        sys.stdout.flush()
        return
    page.show(_for_reading(), plan, facts, database=database, seconds=seconds)


def _for_reading() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=NO_TERMINAL_WIDTH)


def _keep(supervisor: Supervisor, *, until_stdin_closes: bool) -> None:
    sources = [sys.stdin.fileno()] if until_stdin_closes else []
    while True:
        readable, _, _ = select.select(sources, [], [], WATCH_SECONDS)
        if readable and not os.read(readable[0], 4096):
            return
        supervisor.watch()


def _stop_on_signals() -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)


def _kill_on_signals() -> None:
    """While stopping, a second signal ends us at once; the kernel then ends the children, and PostgreSQL shuts down by itself."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        os._exit(130)

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
