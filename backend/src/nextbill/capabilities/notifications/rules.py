"""Words for states. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail's words, ready to send."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Letter:
    """`reason` makes it unique: a mail of one kind goes out once for one reason."""

    kind: str
    reason: str
    recipient: str
    customer_id: UUID | None
    language: str
    values: dict[str, str] = field(default_factory=dict)
    link: str = ""
    delivered: Sequence[tuple[str, str]] = ()


WHY = {
    "no_room": "no server has room for it right now",
    "no_funds": "our account at the registrar has to be topped up",
    "taken": "somebody else registered it in the meantime",
    "premium": "the registry sells it at a premium price only",
    "invalid": "the registry does not take it as it is",
    "waits_for_server": "it waits for the server that its site will live on",
    "other": "a partner's system did not carry it out",
}


def name_of(kind: str) -> str:
    return {"hosting": "Hosting", "domain": "Domain"}.get(kind, kind.capitalize())


def what_is_ready(names: Sequence[str | None], plans: Sequence[str | None]) -> str:
    """What a subject calls the delivery: the first domain name, else the first plan."""
    named = [name for name in (*names, *plans) if name]
    return named[0] if named else "Your order"
