"""What a mail is made of. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
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


_DOCUMENTS: Final[Mapping[str, Literal["invoice", "credit_note"]]] = {
    "invoice": "invoice",
    "invoice_settled": "invoice",
    "invoice_paid": "invoice",
    "receipt": "invoice",
    "credit_note": "credit_note",
}


def document_of(kind: str, reason: str) -> tuple[Literal["invoice", "credit_note"], UUID] | None:
    """The document that such a mail tells of and brings along; its reason begins with the document's id."""
    document = _DOCUMENTS.get(kind)
    return (document, UUID(reason.partition(":")[0])) if document else None


def what_is_ready(names: Sequence[str | None], plans: Sequence[str | None], *, else_: str) -> str:
    """What a subject calls the delivery: the first domain name, else the first plan."""
    named = [name for name in (*names, *plans) if name]
    return named[0] if named else else_


def welcome_for(kinds: Collection[str]) -> str:
    """Which mail tells of the delivery: of hosting, else of a name, else of products alone."""
    if "hosting" in kinds:
        return "welcome"
    return "welcome_domain" if "domain" in kinds else "welcome_product"
