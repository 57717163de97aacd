"""The command line's root: what belongs together is a group, the rest is one word."""

from __future__ import annotations

import importlib
import importlib.util

import typer

from nextbill.entrypoints.cli import jobs, panel_keys, people, servers, system, up

app = typer.Typer(
    name="nextbill",
    help="NextPanel Billing: sell hosting and domains, take the money, deliver, and keep money and machines in step.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    epilog="Start with `./nextbill up` (or `./dev.sh`), then `./nextbill demo`. Exit codes: 0 done, 1 failed or refused, 2 wrong usage.",
)
app.command("up")(up.up)
for _name, _command in system.COMMANDS.items():
    app.command(_name)(_command)
app.command("create-admin")(people.create_admin)
app.add_typer(servers.app, name="servers")
app.add_typer(panel_keys.app, name="panel-keys")
app.add_typer(jobs.app, name="jobs")

LAB = "nextbill_lab.cli"


def run() -> None:
    """The lab (demo, bench, …) drives the product from outside; it is found by name, so that neither imports the other."""
    if importlib.util.find_spec("nextbill_lab") is not None:
        importlib.import_module(LAB).add_to(app)
    app()
