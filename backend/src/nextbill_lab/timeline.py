"""What is done, how long it took, and what came of it: a line for each step, on stderr, readable at 80 columns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

TITLE_WIDTH = 27
NARROW = 80


@dataclass
class Entry:
    """One step. `note` is set by whoever does the work."""

    name: str
    title: str
    note: str = ""
    seconds: float = 0.0
    state: str = "ok"


class Timeline:
    """`quiet`: keep the record, show nothing."""

    def __init__(self, *, quiet: bool = False, console: Console | None = None) -> None:
        self.entries: list[Entry] = []
        self._quiet = quiet
        self._console = console or Console(stderr=True)

    @contextmanager
    def step(self, name: str, title: str) -> Iterator[Entry]:
        entry = Entry(name, title)
        self.entries.append(entry)
        began = time.monotonic()
        status = None if self._quiet or not self._console.is_terminal else self._console.status(f"{title} ...")
        if status:
            status.start()
        try:
            yield entry
        except BaseException:
            entry.state = "failed"
            raise
        finally:
            entry.seconds = time.monotonic() - began
            if status:
                status.stop()
            self._show(entry)

    @property
    def seconds(self) -> dict[str, float]:
        return {entry.name: round(entry.seconds, 3) for entry in self.entries}

    def _show(self, entry: Entry) -> None:
        if not self._quiet:
            width = self._console.width if self._console.is_terminal else NARROW
            self._console.print(line(entry, width=width), no_wrap=True, highlight=False)


def line(entry: Entry, *, width: int) -> Text:
    """`  ok    Title                note                       0.12 s`, cut to fit."""
    room = max(10, width - 10 - TITLE_WIDTH - 1 - 9)
    note = entry.note if len(entry.note) <= room else f"{entry.note[: room - 1]}…"
    shown = Text("  ")
    shown.append(f"{entry.state:<8}", style="green" if entry.state == "ok" else "bold red")
    shown.append(set_cell_size(entry.title, TITLE_WIDTH) + " ")
    shown.append(set_cell_size(note, room), style="cyan")
    shown.append(f"{entry.seconds:>6.2f} s", style="dim")
    return shown
