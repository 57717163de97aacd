"""`nextbill up`: a whole sandbox on this machine."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nextbill.entrypoints.embedded import layout
from nextbill.entrypoints.embedded.errors import StartRefused
from nextbill.entrypoints.embedded.up import PARTS
from nextbill.entrypoints.embedded.up import up as start_everything


class Ports(StrEnum):
    FIXED = "fixed"
    AUTO = "auto"


def up(
    *,
    data: Annotated[Path | None, typer.Option(help="Folder for data and logs. Default: $NEXTBILL_DATA, or .nextbill beside the scripts.")] = None,
    ports: Annotated[
        Ports, typer.Option(help="fixed: API on 8001 and so on. auto: free ports, a private system that ignores .env and DATABASE_URL.")
    ] = Ports.FIXED,
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON when ready, instead of the page.")] = False,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="Stop when standard input ends: for programs that start this one.")
    ] = False,
    hot: Annotated[bool, typer.Option("--hot", help="Serve the portal from its sources and follow every change: for work on it.")] = False,
    without: Annotated[list[str] | None, typer.Option(help=f"Leave out a part that you run yourself ({', '.join(PARTS)}). Repeatable.")] = None,
) -> None:
    """Start PostgreSQL, simulated vendors, API, worker and portal, and keep them running until Ctrl-C.

    Data is kept between starts. With DATABASE_URL set, no PostgreSQL is started. Exit codes: 0 stopped as asked, 2 could not start.

    Example: nextbill up --ports auto --data /tmp/try --json
    """
    unknown = set(without or ()) - set(PARTS)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: not a part; parts are {', '.join(PARTS)}", param_hint="--without")
    folder = data or Path(layout.users_settings().get("NEXTBILL_DATA") or layout.REPOSITORY / ".nextbill")
    try:
        start_everything(data=folder, ports=ports.value, json=json, until_stdin_closes=until_stdin_closes, hot=hot, without=without or ())
    except StartRefused as refusal:
        sys.stderr.write(f"nextbill: {refusal}\n")
        raise typer.Exit(2) from refusal
