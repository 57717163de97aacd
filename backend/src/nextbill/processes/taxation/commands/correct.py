"""A proof that comes late: what was charged VAT only because the register did not answer is credited and invoiced anew without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from nextbill.capabilities import domains, identity, invoicing, payments, subscriptions, tax
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Conflict
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

LATE_PROOF: Literal["late_proof"] = "late_proof"
BY_ITSELF: Final = "system"


class NothingToCorrect(Conflict):
    """Taken back meanwhile, or the reverse charge does not apply to it after all."""

    code, title = "nothing_to_correct", "There is nothing to correct on this invoice"


async def react_to_proof(tx: Tx, event: tax.TaxIdConfirmed, *, zone: str, now: datetime) -> None:
    """Each invoice that bore VAT while the id waited: corrected at once, or a task for staff, as the policy says."""
    known = await tax.find_tax_id(tx, event.customer_id)
    policy = await tax.policy_on(tx, business_date(now, zone))
    if known is None or policy is None:
        return
    sold = await tax.sold_unproven(tx, event.customer_id, tax_id=known.tax_id, document_type=invoicing.INVOICE, since=event.waiting_since)
    for document in sold:
        await _one(tx, document, event.customer_id, automatic=policy.late_proof == "automatic", zone=zone, now=now)


async def _one(tx: Tx, document: tax.Unproven, customer_id: UUID, *, automatic: bool, zone: str, now: datetime) -> None:
    task_id = await tax.open_task(
        tx,
        kind=LATE_PROOF,
        customer_id=customer_id,
        subject_type=document.document_type,
        subject_id=document.document_id,
        detail={"number": document.document_number},
        tell=not automatic,
        now=now,
    )
    if task_id is None or not automatic:
        return
    corrected = await correct_invoice(tx, document.document_id, zone=zone, now=now)
    note = await _corrected_by(tx, corrected) if corrected else "Nothing was left to correct"
    await tax.close_task(tx, task_id, state="done" if corrected else "dismissed", note=note, actor="system", now=now)


async def apply_task(tx: Tx, task_id: UUID, *, actor: str, zone: str, now: datetime) -> tax.Task:
    """Staff's button. TaxTaskNotFound, TaxTaskClosed, NothingToCorrect."""
    task = await tax.get_task(tx, task_id)
    if task.kind != LATE_PROOF:
        raise NothingToCorrect("Only an invoice whose buyer's VAT id was confirmed late can be corrected this way.")
    corrected = await correct_invoice(tx, task.subject_id, zone=zone, now=now) if task.state == "open" else None
    if task.state == "open" and corrected is None:
        raise NothingToCorrect
    note = await _corrected_by(tx, corrected) if corrected else ""
    closed = await tax.close_task(tx, task_id, state="done", note=note, actor=actor, now=now)
    subject: dict[str, Any] = {"object_type": "invoice", "object_id": task.subject_id, "customer_id": task.customer_id}
    await identity.audit(tx, actor=actor, action="tax.invoice_corrected", detail={"invoice_id": str(corrected)}, now=now, **subject)
    return closed


async def _corrected_by(tx: Tx, invoice_id: UUID) -> str:
    return f"Corrected by invoice {(await invoicing.get_invoice(tx, invoice_id)).summary.number}"


async def correct_invoice(tx: Tx, invoice_id: UUID, *, zone: str, now: datetime) -> UUID | None:
    """A credit note over what is left, and an invoice of the same supply by reverse charge; what was paid of the first one pays it.

    None where nothing is left, or the reverse charge does not apply on the day of the first one. What the VAT was stays the customer's credit."""
    await invoicing.hold_invoice(tx, invoice_id)
    invoice = await invoicing.get_invoice(tx, invoice_id)
    paper, on = invoice.summary, business_date(now, zone)
    left = _left(invoice)
    lines = [line for line in left if line.net or not line.gross]
    if not lines or paper.state in ("draft", "void") or paper.issued_on is None:
        return None
    taxed = await _anew(tx, invoice, lines)
    if any(line.category != "AE" for line in taxed):
        return None
    await invoicing.credit_note(
        tx,
        invoice_id,
        reason="The VAT id has been confirmed: the invoice is corrected to reverse charge",
        on=on,
        now=now,
        lines=[line.id for line in left],
    )
    replacement = await invoicing.issue_invoice(
        tx,
        customer_id=paper.customer_id,
        origin_type=paper.origin_type,
        origin_id=paper.origin_id,
        lines=[_line(line, again) for line, again in zip(lines, taxed, strict=True)],
        buyer=invoice.buyer,
        seller=invoice.seller,
        currency=paper.net.currency,
        on=on,
        due_on=max(on, paper.due_on or on),
        references=invoice.references,
        now=now,
    )
    anew = (await invoicing.get_invoice(tx, replacement)).lines
    places = {line.id: new.id for line, new in zip(lines, anew, strict=True)}
    await domains.move_to(tx, invoice_id, places, replacement_id=replacement, now=now)
    await subscriptions.move_papers(tx, invoice_id, places, replacement_id=replacement)
    freed = total([line.gross for line in left], paper.net.currency) - paper.owed
    if freed.minor > 0:
        due = (await invoicing.get_invoice(tx, replacement)).summary.due
        await invoicing.pay_invoice(tx, replacement, amount=min(freed, due), on=on, now=now)
    await _ask_for_rest(tx, replacement, instead_of=paper, on=on, now=now)
    return replacement


async def _ask_for_rest(tx: Tx, invoice_id: UUID, *, instead_of: invoicing.InvoiceSummary, on: date, now: datetime) -> None:
    """What is still to be paid is charged as the first invoice was to be, else sent."""
    paper = (await invoicing.get_invoice(tx, invoice_id)).summary
    if paper.state != "open" or paper.payable_id is None:
        return
    before = await payments.collection_of(tx, instead_of.payable_id) if instead_of.payable_id else None
    if before is not None:
        await payments.charge_payables(tx, [paper.payable_id], on=max(on, before.next_try_on or paper.due_on or on), now=now)
    else:
        asked = invoicing.InvoiceSendingRequested(invoice_id=invoice_id, customer_id=paper.customer_id, requested_by=BY_ITSELF)
        await publish(tx, asked, now=now)


def _left(invoice: invoicing.Invoice) -> list[invoicing.Line]:
    """The lines with what of them no credit note took back: one that was credited in part is one piece at what is left."""
    gone: dict[UUID, list[invoicing.CreditNoteLine]] = {}
    for credited in (line for note in invoice.credit_notes for line in note.lines):
        gone.setdefault(credited.invoice_line_id, []).append(credited)
    rest = [_rest(line, gone[line.id]) if line.id in gone else line for line in invoice.lines]
    return [line for line in rest if line.gross or line.id not in gone]


def _rest(line: invoicing.Line, credited: Sequence[invoicing.CreditNoteLine]) -> invoicing.Line:
    zero = Money.zero(line.net.currency)
    net = line.net - total([one.net for one in credited], zero.currency)
    tax_left = line.tax - total([one.tax for one in credited], zero.currency)
    return replace(line, quantity=1, unit_net=net, discount=zero, discount_note=None, net=net, tax=tax_left)


async def _anew(tx: Tx, invoice: invoicing.Invoice, lines: Sequence[invoicing.Line]) -> list[tax.TaxedLine]:
    """For the day of the first invoice and the buyer that is printed on it, at the net prices that it has."""
    buyer, paper = invoice.buyer, invoice.summary
    if paper.issued_on is None:
        raise LookupError("a draft has no day")
    return await tax.assess(
        tx,
        lines=[tax.TaxableLine(str(line.id), line.product_class, line.net) for line in lines],
        country=buyer.country,
        state=buyer.state,
        status=buyer.status,
        tax_id=buyer.tax_id,
        on=paper.issued_on,
        customer_id=paper.customer_id,
        postal_code=buyer.postal_code,
        inclusive=False,
    )


def _line(line: invoicing.Line, taxed: tax.TaxedLine) -> invoicing.InvoiceLine:
    return invoicing.InvoiceLine(
        description=line.description,
        product_class=line.product_class,
        quantity=line.quantity,
        unit_net=line.unit_net,
        tax=taxed,
        reference_type=line.reference_type,
        reference_id=line.reference_id,
        period=line.period,
        discount=line.discount or None,
        discount_note=line.discount_note,
        details={name: value for name, value in line.details.items() if name != "tax"},
    )
