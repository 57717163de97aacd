"""`nextbill demo`. Exit codes: 0 all is well, 1 something is missing or wrong, 2 wrong usage."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from nextbill_lab import system
from nextbill_lab.demo import Story, play
from nextbill_lab.endings import INTERRUPTED, TROUBLE, in_words, logs_shown, say
from nextbill_lab.show import show_story
from nextbill_lab.system import Login, System
from nextbill_lab.timeline import Timeline


def demo(
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start a private system for it on free ports, and remove it afterwards.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
    data: Annotated[
        Path | None, typer.Option(help="The running system's data folder. Default: $NEXTBILL_DATA, or .nextbill beside the scripts.")
    ] = None,
    api: Annotated[str | None, typer.Option(help="The API's address, for a system that runs elsewhere.", metavar="URL")] = None,
    mailbox: Annotated[str | None, typer.Option(help="The mailbox's address, with --api.", metavar="URL")] = None,
    staff: Annotated[str | None, typer.Option(help="A staff login, with --api.", metavar="EMAIL:PASSWORD", envvar="NEXTBILL_STAFF_LOGIN")] = None,
) -> None:
    """Play a customer: register, order a plan with a domain, pay, and use what was delivered.

    Everything goes over HTTP, as a customer, a bank, a panel and staff would do it. The timeline is on standard error, what was bought on
    standard output. Exit code 1 if anything is missing.

    Example: `nextbill demo`, or `nextbill demo --fresh` where nothing runs
    """
    timeline, story = Timeline(quiet=as_json), Story()
    with (
        _told(timeline, story, as_json=as_json),
        _chosen(timeline, fresh=fresh, data=data, api=api, mailbox=mailbox) as found,
        logs_shown(found, shown=fresh),
    ):
        asyncio.run(play(_with_staff(found, staff), timeline, story))


@contextlib.contextmanager
def _chosen(timeline: Timeline, *, fresh: bool, data: Path | None, api: str | None, mailbox: str | None) -> Iterator[System]:
    if fresh and (data or api or mailbox):
        raise typer.BadParameter("it starts a system of its own: leave out --data, --api and --mailbox", param_hint="--fresh")
    if fresh:
        with system.started(timeline) as found:
            yield found
    elif api is None:
        yield system.running(data)
    elif mailbox is None:
        raise typer.BadParameter("the mails must be read somewhere: say where", param_hint="--mailbox")
    else:
        yield System(api=api.rstrip("/"), mailbox=mailbox.rstrip("/"))


def _with_staff(found: System, staff: str | None) -> System:
    if staff is None:
        return found
    email, colon, password = staff.partition(":")
    if not colon:
        raise typer.BadParameter("expected EMAIL:PASSWORD", param_hint="--staff")
    return replace(found, logins=(Login("admin", email, password), *found.logins))


@contextlib.contextmanager
def _told(timeline: Timeline, story: Story, *, as_json: bool) -> Iterator[None]:
    """Tells what came of it, however it ended; exit code 1 where something is missing."""
    trouble: Exception | None = None
    try:
        yield
    except TROUBLE as found:
        trouble = found
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    told = story.told() | {"seconds": timeline.seconds, "missing": [in_words(trouble)] if trouble else []}
    if as_json:
        sys.stdout.write(json.dumps(told) + "\n")
    elif trouble is None:
        show_story(told)
    if trouble is not None:
        say(trouble)
        raise typer.Exit(1)
