"""What a person, or a program, is told once everything runs."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from nextbill.entrypoints.embedded.layout import Layout


def summary(layout: Layout, pids: dict[str, int]) -> dict[str, Any]:
    """The one JSON line of `up --json`; also kept as DATA/running.json while the system runs. Logins and panel key are the seed's words."""
    told = layout.data / "logins.json"
    seeded: dict[str, Any] = json.loads(told.read_text()) if told.exists() else {}
    return {
        "portal": layout.portal_url if layout.portal else None,
        "api": layout.url("api"),
        "mailbox": layout.url("mailbox"),
        "stripe": layout.url("stripe"),
        "resellerclub": layout.url("resellerclub"),
        "vies": layout.url("vies"),
        "panels": layout.panels(),
        "metrics": {"api": f"{layout.url('api_metrics')}/metrics", "worker": f"{layout.url('worker_metrics')}/metrics"},
        "smtp": f"127.0.0.1:{layout.ports['smtp']}",
        "clock": str(layout.clock_file),
        "pids": pids,
        "data": str(layout.data),
        "logins": seeded.get("logins", []),
        "panel_key": seeded.get("panel_key"),
    }


def show(console: Console, layout: Layout, facts: dict[str, Any], *, database: str, seconds: float) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(layout, facts, database):
        table.add_row(name, value)
    console.print(f"\n[bold]NextPanel Billing runs, in sandbox mode[/] [dim](ready in {seconds:.1f} s; no real money, domain or mail)[/]\n")
    console.print(table)
    console.print(
        "\n  In another terminal:\n"
        "    ./nextbill demo     play a customer: order, pay, get license, domain, account and mail\n"
        "    ./nextbill check    do money and machines agree?\n"
        "    ./nextbill --help   everything else\n"
        "\n  Ctrl-C stops it all; the data stays.\n",
        highlight=False,
    )


def _rows(layout: Layout, facts: dict[str, Any], database: str) -> list[tuple[str, str]]:
    api = f"http://localhost:{layout.ports['api']}"
    portal = facts["portal"] or "not running: the words above say why; the API and the command line are complete without it"
    rows = [("Portal", portal), ("API", f"{api}/docs   (also {api}/redoc)"), ("Mailbox", f"{facts['mailbox']}   every mail that was sent")]
    rows += [
        ("Stripe, simulated", f"{facts['stripe']}   card 4242 4242 4242 4242"),
        ("ResellerClub, simulated", facts["resellerclub"]),
        ("VIES, simulated", facts["vies"]),
    ]
    rows += [(f"NextPanel {name}, simulated", url) for name, url in facts["panels"].items()]
    rows += [("PostgreSQL", database), ("Metrics of the API", facts["metrics"]["api"]), ("Metrics of the worker", facts["metrics"]["worker"])]
    rows += [(f"Login: {login.get('role', 'user')}", f"{login['email']}   {login['password']}") for login in facts["logins"]]
    rows += [("Data and logs", f"{layout.data}")]
    return rows
