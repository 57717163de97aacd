"""A document's files: those that are kept, else written now, outside of any transaction, and kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Final, NoReturn
from uuid import UUID

import structlog

from nextbill.capabilities.invoicing.documents.papers import Drafted, PayLink, Sources, credit_note_bill, invoice_bill, proforma_bill, receipt
from nextbill.capabilities.invoicing.documents.statements import statement_of
from nextbill.capabilities.invoicing.documents.store import PDF, XML, DocumentKey, File, MediaType, is_stored, keep, must_exist, stored
from nextbill.capabilities.invoicing.errors import DocumentBusy, NoEInvoice
from nextbill.capabilities.invoicing.ports import Bill, EInvoiceWriter, NotExpressible, Paper, PaperWriter, Statement, WriterBusy
from nextbill.runtime.database import Database, ReadTx, Role

__all__ = ["Archive", "PayLink", "Sources"]

RETRY_SECONDS: Final = 5
_DRAFTERS: Final[Mapping[str, Callable[[ReadTx, UUID, Sources], Awaitable[Drafted]]]] = {
    "proforma": proforma_bill,
    "invoice": invoice_bill,
    "credit_note": credit_note_bill,
    "receipt": receipt,
}
log = structlog.get_logger()


class Archive:
    def __init__(self, database: Database, *, paper: PaperWriter, e_invoice: EInvoiceWriter, sources: Sources) -> None:
        self._database, self._paper, self._e_invoice, self._sources = database, paper, e_invoice, sources

    async def file(self, key: DocumentKey, media_type: MediaType, *, now: datetime, customer_id: UUID | None = None) -> File:
        """The document's file, for a customer who asks for its own, or for the house (None).

        Proforma-, Invoice-, CreditNoteNotFound; NotIssued; NoEInvoice; DocumentBusy. Called with no transaction open: it opens its own."""
        role = Role.WORK if customer_id is None else Role.APP
        async with self._database.reading(role, customer_id=customer_id) as tx:
            kept = await is_stored(tx, key)  # asked first: all files of a document are committed at once, and may be just now
            found = await stored(tx, key, media_type)
            if found is not None:
                return found
            await must_exist(tx, key)
        async with self._database.reading(Role.WORK) as tx:  # the books tell the tax in the home currency, and are not the customer's
            drafted = await _DRAFTERS[key.kind](tx, key.subject_id, self._sources)
        if kept or (media_type == XML and self._expressed(drafted.paper) is None):
            self._refuse(drafted.paper)
        return await self._written(key, media_type, drafted, now=now)

    async def _written(self, key: DocumentKey, media_type: MediaType, drafted: Drafted, *, now: datetime) -> File:
        """All files at once, so that they say the same whatever is set differently tomorrow."""
        contents: dict[MediaType, bytes] = {}
        e_invoice = self._expressed(drafted.paper)
        if e_invoice is not None:
            contents[XML] = e_invoice
        try:
            contents[PDF] = await self._paper.write(drafted.paper, e_invoice=e_invoice)
        except WriterBusy:
            raise DocumentBusy(retry_after=RETRY_SECONDS) from None
        async with self._database.writing(Role.WORK) as tx:
            number, language = drafted.paper.number, drafted.paper.language
            await keep(tx, key, customer_id=drafted.customer_id, number=number, language=language, contents=contents, now=now)
            found = await stored(tx, key, media_type)
        if found is None:
            self._refuse(drafted.paper)
        return found

    def _expressed(self, paper: Paper) -> bytes | None:
        if not isinstance(paper, Bill) or paper.kind == "proforma":
            return None
        try:
            return self._e_invoice.write(paper)
        except NotExpressible as problem:
            log.warning("a document has no e-invoice", number=paper.number, why=str(problem))
            return None

    def _refuse(self, paper: Paper) -> NoReturn:
        """Why there is no e-invoice. NoEInvoice."""
        if not isinstance(paper, Bill):
            raise NoEInvoice("Only invoices and credit notes are e-invoices.")
        try:
            self._e_invoice.write(paper)
        except NotExpressible as problem:
            raise NoEInvoice(str(problem)) from None
        raise NoEInvoice("The document was written before an e-invoice of it was possible, and stays as it is.")

    async def statement(self, customer_id: UUID, *, currency: str, start: date, end: date, made_on: date) -> Statement:
        """UnknownCustomer; Invalid where there is too much for one statement. Who asks must have been looked at: the books are read as the house."""
        async with self._database.reading(Role.WORK) as tx:
            return await statement_of(tx, customer_id, currency=currency, start=start, end=end, made_on=made_on, seller=self._sources.seller)

    async def printed(self, statement: Statement) -> File:
        """Not kept: the same days tell the same at any time, and the books hold them."""
        try:
            content = await self._paper.write(statement)
        except WriterBusy:
            raise DocumentBusy(retry_after=RETRY_SECONDS) from None
        return File.of(f"statement-{statement.start}-{statement.end}-{statement.opening.currency}", PDF, content)
