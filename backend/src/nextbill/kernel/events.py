"""Facts in the past tense. They carry references and amounts, never secrets and no more personal data than they must."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

_READ: dict[Any, Callable[[str], Any]] = {UUID: UUID, date: date.fromisoformat, datetime: datetime.fromisoformat}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all facts: a frozen dataclass whose fields are str, int, bool, UUID, date, datetime, or one of these | None."""

    @classmethod
    def name(cls) -> str:
        """`invoicing.InvoicePaid`: the capability and the fact."""
        folder = cls.__module__.split(".")[-2:][0]
        return f"{folder}.{cls.__name__}"

    def to_payload(self) -> dict[str, Any]:
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        hints = typing.get_type_hints(cls)
        return cls(**{name: _typed(hints[name], value) for name, value in payload.items() if name in hints})


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    options = [option for option in typing.get_args(hint) or (hint,) if option is not type(None)]
    read = _READ.get(options[0])
    return read(value) if read else value
