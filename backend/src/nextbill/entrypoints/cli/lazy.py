"""A group whose commands are imported when they are run."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

Commands = Mapping[str, tuple[str, str]]
"""name → ("module:attribute", one line of help). The attribute is a function, or a Typer with commands of its own."""


class LazyGroup(TyperGroup):
    """Help and completion see only name and line of each command; running one, or asking for its help, imports it."""

    known: ClassVar[Commands] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, (_, line) in self.known.items():
            self.add_command(TyperCommand(name, help=line))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name, self.known[name][0]) if name else command, rest


def load(name: str, place: str) -> Any:
    """The command at `place` ("module:attribute")."""
    module, _, attribute = place.partition(":")
    # What is imported stays: to look for garbage in it costs a tenth of a start, and later a little of every collection.
    gc.disable()
    found = getattr(importlib.import_module(module), attribute)
    gc.freeze()
    gc.enable()
    app = typer.Typer(name=name, add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=name)
    else:
        app.command(name)(found)
    return get_group(app).commands[name]
