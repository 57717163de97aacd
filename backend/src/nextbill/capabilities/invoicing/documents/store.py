"""Files in their table. The first that is written stays: who comes second is given the first one's bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from nextbill.capabilities.invoicing.errors import CreditNoteNotFound, InvoiceNotFound, ProformaNotFound, ReceiptNotFound
from nextbill.capabilities.invoicing.models import CreditNoteRow, DocumentRow, InvoiceRow, PaymentRow, ProformaRow
from nextbill.kernel.errors import NotFound
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import ReadTx, Tx

DocumentKind = Literal["proforma", "invoice", "credit_note", "receipt"]
MediaType = Literal["application/pdf", "application/xml"]
PDF: Final[MediaType] = "application/pdf"
XML: Final[MediaType] = "application/xml"
_ENDINGS: Final = {PDF: "pdf", XML: "xml"}

_SUBJECTS: Final[Mapping[DocumentKind, tuple[Any, type[NotFound]]]] = {
    "proforma": (ProformaRow, ProformaNotFound),
    "invoice": (InvoiceRow, InvoiceNotFound),
    "credit_note": (CreditNoteRow, CreditNoteNotFound),
    "receipt": (PaymentRow, ReceiptNotFound),
}


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """What a file is of: the id is the proforma's, the invoice's, the credit note's, or the payment's."""

    kind: DocumentKind
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class File:
    """`name` is what it is saved as; `sha256` in hexadecimal."""

    name: str
    media_type: MediaType
    content: bytes
    sha256: str

    @classmethod
    def of(cls, number: str, media_type: MediaType, content: bytes) -> File:
        return cls(f"{number}.{_ENDINGS[media_type]}", media_type, content, sha256(content).hexdigest())


async def stored(tx: ReadTx, key: DocumentKey, media_type: MediaType) -> File | None:
    """None too where the role may not see it."""
    columns = (DocumentRow.number, DocumentRow.content, DocumentRow.sha256)
    same = (DocumentRow.kind == key.kind, DocumentRow.subject_id == key.subject_id, DocumentRow.media_type == media_type)
    row = (await tx.execute(select(*columns).where(*same))).one_or_none()
    return File(f"{row.number}.{_ENDINGS[media_type]}", media_type, bytes(row.content), row.sha256.strip()) if row else None


async def must_exist(tx: ReadTx, key: DocumentKey) -> None:
    """As the role sees it: another customer's does not."""
    table, missing = _SUBJECTS[key.kind]
    if (await tx.execute(select(table.id).where(table.id == key.subject_id))).first() is None:
        raise missing


async def is_stored(tx: ReadTx, key: DocumentKey) -> bool:
    """In whatever form."""
    same = (DocumentRow.kind == key.kind, DocumentRow.subject_id == key.subject_id)
    return (await tx.execute(select(DocumentRow.id).where(*same).limit(1))).first() is not None


async def keep(tx: Tx, key: DocumentKey, *, customer_id: UUID, number: str, language: str, contents: dict[MediaType, bytes], now: datetime) -> None:
    """All files of a document at once, or none where another writer was first (and has committed, which is waited for)."""
    values = [
        {
            "id": new_id(),
            "customer_id": customer_id,
            "kind": key.kind,
            "subject_id": key.subject_id,
            "media_type": media_type,
            "number": number,
            "language": language,
            "sha256": sha256(content).hexdigest(),
            "content": content,
            "created_at": now,
        }
        for media_type, content in sorted(contents.items())
    ]
    first, *rest = values
    taken = await tx.execute(insert(DocumentRow).values(first).on_conflict_do_nothing().returning(DocumentRow.id))
    if taken.scalar_one_or_none() is not None and rest:
        await tx.execute(insert(DocumentRow).values(rest))
