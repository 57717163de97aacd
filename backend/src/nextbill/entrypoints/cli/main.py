"""The command line's root. Commands are named here and imported when one is run: a start should not wait for what it doesn't use."""

from __future__ import annotations

import importlib.util
from typing import ClassVar

import typer

from nextbill.entrypoints.cli.lazy import Commands, LazyGroup

# name → where it is, and its line in the list of commands
COMMANDS: Commands = {
    "up": ("nextbill.entrypoints.cli.up:up", "Start everything on this machine, and keep it running."),
    "demo": ("nextbill_lab.cli:demo", "Play a customer: order, pay, use what was delivered."),
    "check": ("nextbill.entrypoints.cli.system:check", "Check what must hold between money and machines."),
    "doctor": ("nextbill.entrypoints.cli.system:doctor", "Examine this installation: settings, database, vendors."),
    "clock": ("nextbill.entrypoints.cli.clock:app", "What time it is; in sandbox, move it and all that is due."),
    "jobs": ("nextbill.entrypoints.cli.jobs:app", "What waits, what failed and why; run it again."),
    "servers": ("nextbill.entrypoints.cli.servers:app", "NextPanel servers: add, list, test the connection."),
    "panel-keys": ("nextbill.entrypoints.cli.panel_keys:app", "API keys of panels: create, list, revoke."),
    "create-admin": ("nextbill.entrypoints.cli.people:create_admin", "Create a staff login with all rights."),
    "sample-invoice": ("nextbill.entrypoints.cli.papers:sample_invoice", "See what your invoices look like, before the first sale."),
    "migrate": ("nextbill.entrypoints.cli.migrate:bring_up_to_date", "Create or update the schema. Safe at every start."),
    "seed": ("nextbill.entrypoints.cli.system:seed", "Fill in plans, prices and, in sandbox, demo logins."),
    "api": ("nextbill.entrypoints.cli.serve:api", "Run the API alone."),
    "license-api": ("nextbill.entrypoints.cli.serve:license_api", "Answer panels alone; any number may run."),
    "worker": ("nextbill.entrypoints.cli.serve:work", "Run a worker alone; any number may run."),
    "portal": ("nextbill.entrypoints.cli.portal:app", "Build the portal and serve it."),
    "openapi": ("nextbill.entrypoints.cli.system:openapi", "Write the API's OpenAPI document."),
    "panel-conformance": ("nextbill_lab.conformance.cli:panel_conformance", "Check that a panel keeps to the contract."),
    "chaos": ("nextbill_lab.chaos.cli:app", "Kill and cheat it while it sells; nothing may be lost."),
    "simulate": ("nextbill_lab.simulate.cli:app", "Play a year in minutes, and count its books again."),
    "bench": ("nextbill_lab.bench.cli:app", "Measure what things cost, beside a bare route."),
}


class Root(LazyGroup):
    """The lab (demo, bench) drives the product from outside; it is found by name, so that neither imports the other, and may be left out."""

    known: ClassVar[Commands] = {name: command for name, command in COMMANDS.items() if importlib.util.find_spec(command[0].partition(".")[0])}


app = typer.Typer(
    name="nextbill",
    cls=Root,
    help="NextPanel Billing: sell hosting and domains, take the money, deliver, and keep money and machines in step.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    epilog="Start with `./nextbill up` (or `./dev.sh`), then `./nextbill demo`. Exit codes: 0 done, 1 failed or refused, 2 wrong usage.",
)


@app.callback()
def root() -> None:
    """Has no options of its own; makes the application a group although it adds no command here."""


def run() -> None:
    app(prog_name="nextbill")
