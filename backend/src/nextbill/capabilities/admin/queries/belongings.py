"""What belongs to an order, in every capability: the ids that its timeline is gathered by."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, cast, func, select

from nextbill.capabilities import orders
from nextbill.capabilities.domains.models import DomainRow
from nextbill.capabilities.hosting.models import AccountRow, ChangeRow
from nextbill.capabilities.invoicing.models import CreditNoteRow, InvoiceRow, ProformaRow
from nextbill.capabilities.licensing.models import LicenseRow
from nextbill.capabilities.notifications.models import Mail
from nextbill.capabilities.payments.models import AttemptRow, RefundRow
from nextbill.capabilities.subscriptions.models import SubscriptionRow
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class Belongings:
    """`kinds`: id → what it is. The order and its lines are among them."""

    order: orders.Order
    kinds: dict[UUID, str]

    @property
    def ids(self) -> list[UUID]:
        return list(self.kinds)


async def belongings(tx: ReadTx, order_id: UUID) -> Belongings:
    """OrderNotFound."""
    order = await orders.get_order(tx, order_id)
    kinds: dict[UUID, str] = {order.id: "order", **{line.id: "order line" for line in order.lines}}
    await _paper(tx, order, kinds)
    await _delivery(tx, [line.id for line in order.lines], kinds)
    await _mails(tx, kinds)
    return Belongings(order, kinds)


async def _paper(tx: ReadTx, order: orders.Order, kinds: dict[UUID, str]) -> None:
    proformas = select(ProformaRow.id, ProformaRow.payable_id).where(ProformaRow.origin_type == orders.ORDER, ProformaRow.origin_id == order.id)
    for proforma_id, payable_id in await tx.execute(proformas):
        kinds |= {proforma_id: "proforma", payable_id: "payable"}
        attempts = (await tx.execute(select(AttemptRow.id).where(AttemptRow.payable_id == payable_id))).scalars().all()
        refunds = (await tx.execute(select(RefundRow.id).where(RefundRow.attempt_id.in_(attempts)))).scalars().all()
        kinds |= dict.fromkeys(attempts, "payment") | dict.fromkeys(refunds, "refund")
    invoiced = select(InvoiceRow.id).where(InvoiceRow.origin_type == orders.ORDER, InvoiceRow.origin_id == order.id)
    invoices = (await tx.execute(invoiced)).scalars().all()
    notes = (await tx.execute(select(CreditNoteRow.id).where(CreditNoteRow.invoice_id.in_(invoices)))).scalars().all()
    kinds |= dict.fromkeys(invoices, "invoice") | dict.fromkeys(notes, "credit note")


async def _delivery(tx: ReadTx, lines: list[UUID], kinds: dict[UUID, str]) -> None:
    for model, kind in ((AccountRow, "hosting account"), (DomainRow, "domain"), (LicenseRow, "license")):
        found = select(model.id).where(model.reference_type == orders.LINE, model.reference_id.in_(lines))
        kinds |= dict.fromkeys((await tx.execute(found)).scalars(), kind)
    kept = select(SubscriptionRow.id).where(SubscriptionRow.order_line_id.in_(lines))
    kinds |= dict.fromkeys((await tx.execute(kept)).scalars(), "subscription")
    accounts = [id_ for id_, kind in kinds.items() if kind == "hosting account"]
    changes = (await tx.execute(select(ChangeRow.id).where(ChangeRow.account_id.in_(accounts)))).scalars()
    kinds |= dict.fromkeys(changes, "change of a hosting account")


async def _mails(tx: ReadTx, kinds: dict[UUID, str]) -> None:
    """A mail's reason begins with the id of what it is about."""
    about = func.split_part(Mail.reason, ":", 1)
    found = await tx.execute(select(Mail.id).where(about.in_([cast(str(id_), Text) for id_ in kinds])))
    kinds |= dict.fromkeys(found.scalars(), "mail")
