"""Money arrived: the document that it was asked for becomes paid."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import payments
from nextbill.capabilities.invoicing.commands.settle import invoice_paid_proforma, pay_invoice
from nextbill.capabilities.invoicing.rules import INVOICE, PROFORMA, Seller
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction


def make_reactions(*, seller: Seller, time_zone: str) -> list[Reaction]:
    """`seller` is printed on new invoices; `time_zone` is the seller's, whose days date them."""

    async def invoice_payment(tx: Tx, event: payments.PaymentSucceeded, *, now: datetime) -> None:
        amount, on = Money(event.amount_minor, event.currency), business_date(now, time_zone)
        if event.reference_type == PROFORMA:
            await invoice_paid_proforma(tx, event.reference_id, amount=amount, seller=seller, on=on, now=now, attempt_id=event.attempt_id)
        elif event.reference_type == INVOICE:
            await pay_invoice(tx, event.reference_id, amount=amount, on=on, now=now, attempt_id=event.attempt_id)

    return [Reaction("invoicing.invoice_payment", payments.PaymentSucceeded, invoice_payment)]
