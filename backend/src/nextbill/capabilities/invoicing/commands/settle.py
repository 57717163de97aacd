"""Money has arrived, or is there already: what it was asked for becomes paid, wholly or in part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from nextbill.capabilities import ledger, payments
from nextbill.capabilities.invoicing.commands.facts import paid
from nextbill.capabilities.invoicing.commands.issue import InvoiceId, prepare_from_proforma
from nextbill.capabilities.invoicing.errors import InvoiceNotOpen, NothingToApply, ProformaNotOpen, WrongAmount
from nextbill.capabilities.invoicing.events import InvoicePaid, PaymentApplied
from nextbill.capabilities.invoicing.models import InvoiceRow, PaymentRow
from nextbill.capabilities.invoicing.queries import lock_invoice, lock_proforma, payments_so_far
from nextbill.capabilities.invoicing.rules import INVOICE, Seller, Source, loss, repeated, settlement
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx, Tx
from nextbill.runtime.events import publish


@dataclass(frozen=True, slots=True)
class Tender:
    """Money on the customer's credit that is meant for an invoice, and where it came from."""

    amount: Money
    source: Source
    source_id: UUID | None = None


async def invoice_paid_proforma(
    tx: Tx, proforma_id: UUID, *, amount: Money, seller: Seller, on: date, now: datetime, attempt_id: UUID | None = None
) -> InvoiceId | None:
    """The legal invoice of a paid proforma, paid from the customer's credit. None where it has its invoice: money is not applied twice,
    and an invoice that was issued before is only paid.

    ProformaNotOpen or WrongAmount leave the money on the customer's credit and the job before staff.
    """
    row = await lock_proforma(tx, proforma_id)
    if row.state == "invoiced":
        await _pay_issued(tx, row.id, amount=amount, on=on, now=now, attempt_id=attempt_id)
        return None
    if row.state != "open":
        raise ProformaNotOpen(f"{row.number} was cancelled before the money came.")
    if amount != Money(row.total_minor, row.currency):
        raise WrongAmount(f"{row.number} asks for {Money(row.total_minor, row.currency)}, {amount} came.")
    await _hold_money(tx, row.customer_id, row.currency, attempt_id)
    row.state = "invoiced"
    await tx.flush()
    await payments.settle_payable(tx, row.payable_id)
    invoice = await prepare_from_proforma(tx, row, seller=seller, on=on, now=now)
    await _settle(tx, invoice.id, row.customer_id, _from_gateway(amount, attempt_id), position=1, on=on, now=now)
    await publish(
        tx,
        InvoicePaid(invoice_id=invoice.id, proforma_id=row.id, customer_id=row.customer_id, origin_type=row.origin_type, origin_id=row.origin_id),
        now=now,
    )
    await invoice.number(tx, on=on, now=now)
    settled = {"state": "paid", "due_minor": 0, "paid_minor": amount.minor, "paid_at": now}
    await tx.execute(update(InvoiceRow).where(InvoiceRow.id == invoice.id).values(settled))
    return invoice.id


async def _pay_issued(tx: Tx, proforma_id: UUID, *, amount: Money, on: date, now: datetime, attempt_id: UUID | None) -> None:
    waiting = (InvoiceRow.proforma_id == proforma_id, InvoiceRow.state.in_(("open", "uncollectible")))
    invoice_id = (await tx.execute(select(InvoiceRow.id).where(*waiting))).scalar_one_or_none()
    if invoice_id is not None:
        await pay_invoice(tx, invoice_id, amount=amount, on=on, now=now, attempt_id=attempt_id)


async def pay_invoice(tx: Tx, invoice_id: UUID, *, amount: Money, on: date, now: datetime, attempt_id: UUID | None = None) -> Money:
    """Money that the gateway brought pays what is due, or as much of it as it can; what is more stays the customer's credit. What it paid.

    Nothing where the invoice is paid. InvoiceNotOpen, WrongAmount (another currency, sent back) leave the money on the credit and the job before staff.
    """
    row = await lock_invoice(tx, invoice_id)
    if row.state == "paid":
        return Money.zero(row.currency)
    if amount.currency != row.currency:
        raise WrongAmount(f"{row.number} is in {row.currency}, {amount} came.")
    await _hold_money(tx, row.customer_id, row.currency, attempt_id)
    return await apply_money(tx, row, _from_gateway(amount, attempt_id), on=on, now=now)


async def _hold_money(tx: Tx, customer_id: UUID, currency: str, attempt_id: UUID | None) -> None:
    """It stands on the customer's credit: nobody else spends that meanwhile, and it was not sent back before. WrongAmount."""
    await ledger.hold_credit(tx, customer_id)
    back = Money.zero(currency) if attempt_id is None else await payments.refunded_of(tx, attempt_id, currency)
    if back:
        raise WrongAmount(f"{back} of the payment were sent back before it was used.")


async def record_payment(tx: Tx, invoice_id: UUID, *, receipt: payments.Receipt, today: date, actor: str, now: datetime) -> Money:
    """Money that came past the gateway, for an invoice that was issued and not voided. What of it paid the invoice; the rest, and all of
    what came for a paid one, is the customer's credit. InvoiceNotOpen, WrongAmount, PaymentAlreadyRecorded, MonthClosed."""
    row = await lock_invoice(tx, invoice_id)
    if row.state in ("draft", "void"):
        raise InvoiceNotOpen
    if receipt.amount.currency != row.currency:
        raise WrongAmount(fields={"amount.currency": f"the invoice is in {row.currency}"})
    manual_id = await payments.record_manual_payment(
        tx, customer_id=row.customer_id, receipt=receipt, today=today, actor=actor, now=now, payable_id=row.payable_id
    )
    if row.state == "paid":
        return Money.zero(row.currency)
    on = max(receipt.received_on, row.issued_on or today)
    return await apply_money(tx, row, Tender(receipt.amount, "manual", manual_id), on=on, now=now)


async def use_credit(tx: Tx, invoice_id: UUID, *, on: date, now: datetime, amount: Money | None = None) -> Money:
    """Pays from the customer's credit: `amount`, or as much as there is and is due. What it paid. Money that has arrived for something
    else and was not used yet is not free. InvoiceNotOpen, NothingToApply, NotEnoughCredit."""
    row = await lock_invoice(tx, invoice_id)
    if row.state not in ("open", "uncollectible"):
        raise InvoiceNotOpen
    await ledger.hold_credit(tx, row.customer_id)
    free, owed = await free_credit(tx, row.customer_id, row.currency), _owed(row)
    wanted = min(free, owed) if amount is None else amount
    if wanted.currency != row.currency or wanted > owed:
        raise WrongAmount(fields={"amount": f"at most {owed}, what is due"})
    if wanted > free:
        raise ledger.NotEnoughCredit(f"{max(free, Money.zero(row.currency))} of credit are free.")
    if wanted.minor <= 0:
        raise NothingToApply
    return await apply_money(tx, row, Tender(wanted, "credit"), on=on, now=now)


async def use_free_credit(tx: Tx, invoice_id: UUID, *, on: date, now: datetime) -> Money:
    """As `use_credit`, for the setting that applies it by itself: zero where there is none, or where nothing is due."""
    row = await lock_invoice(tx, invoice_id)
    await ledger.hold_credit(tx, row.customer_id)
    wanted = min(await free_credit(tx, row.customer_id, row.currency), _owed(row))
    if row.state != "open" or wanted.minor <= 0:
        return Money.zero(row.currency)
    return await apply_money(tx, row, Tender(wanted, "credit"), on=on, now=now)


async def free_credit(tx: ReadTx, customer_id: UUID, currency: str) -> Money:
    """Credit that is not meant for anything yet."""
    standing = (await ledger.credit_of(tx, customer_id)).get(currency, Money.zero(currency))
    return standing - await payments.money_on_its_way(tx, customer_id=customer_id, currency=currency)


async def apply_money(tx: Tx, row: InvoiceRow, tender: Tender, *, on: date, now: datetime) -> Money:
    """To a locked invoice: no more than is due on it. Of what was written off comes back what is paid after all."""
    if row.state not in ("open", "uncollectible"):
        raise InvoiceNotOpen
    position = await payments_so_far(tx, row.id) + 1
    applied = min(tender.amount, _owed(row))
    await _expect_again(tx, row, applied.minor - row.due_minor, position=position, on=on, now=now)
    await _settle(tx, row.id, row.customer_id, Tender(applied, tender.source, tender.source_id), position=position, on=on, now=now)
    row.due_minor, row.paid_minor = row.due_minor - applied.minor, row.paid_minor + applied.minor
    left = _owed(row)
    if not left:
        row.state, row.paid_at = "paid", now
    await tx.flush()
    await _tell_payable(tx, row, left)
    await _publish(tx, row, applied, now=now)
    return applied


async def _tell_payable(tx: Tx, row: InvoiceRow, left: Money) -> None:
    if row.payable_id is None:
        raise LookupError(f"{row.number} is issued and has no payable")
    if left:
        await payments.reduce_payable(tx, row.payable_id, left)
    else:
        await payments.settle_payable(tx, row.payable_id)


async def _publish(tx: Tx, row: InvoiceRow, applied: Money, *, now: datetime) -> None:
    if row.state != "paid":
        await publish(
            tx,
            PaymentApplied(
                invoice_id=row.id, customer_id=row.customer_id, amount_minor=applied.minor, currency=row.currency, due_minor=row.due_minor
            ),
            now=now,
        )
        return
    await publish(tx, paid(row), now=now)


async def _expect_again(tx: Tx, row: InvoiceRow, missing: int, *, position: int, on: date, now: datetime) -> None:
    """What was written off and is paid now is a receivable again, for the moment."""
    if missing <= 0 or not row.written_off_minor:
        return
    entries = loss(Money(-missing, row.currency), customer_id=row.customer_id)
    await ledger.post(tx, journal=ledger.Journal(INVOICE, row.id, "Write-off taken back", entries, kind=f"recovered-{position}"), on=on, now=now)
    row.written_off_minor, row.due_minor = row.written_off_minor - missing, row.due_minor + missing


async def _settle(tx: Tx, invoice_id: UUID, customer_id: UUID, tender: Tender, *, position: int, on: date, now: datetime) -> None:
    await tx.execute(
        insert(PaymentRow).values(
            id=new_id(),
            invoice_id=invoice_id,
            customer_id=customer_id,
            position=position,
            amount_minor=tender.amount.minor,
            currency=tender.amount.currency,
            source=tender.source,
            source_id=tender.source_id,
            applied_on=on,
            created_at=now,
        )
    )
    entries = settlement(tender.amount, customer_id=customer_id)
    journal = ledger.Journal(INVOICE, invoice_id, "Invoice paid from credit", entries, kind=repeated("settlement", position))
    await ledger.post(tx, journal=journal, on=on, now=now)


def _from_gateway(amount: Money, attempt_id: UUID | None) -> Tender:
    return Tender(amount, "credit") if attempt_id is None else Tender(amount, "gateway", attempt_id)


def _owed(row: InvoiceRow) -> Money:
    return Money(row.due_minor + row.written_off_minor, row.currency)
