"""What the routes of staff share: who may, for whom we write, and the audit log."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from nextbill.capabilities import identity
from nextbill.capabilities.invoicing.http.shapes import InvoiceBody
from nextbill.capabilities.invoicing.queries import get_invoice
from nextbill.capabilities.invoicing.rules import Seller
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Tx
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Context

READ_ALL, MANAGE = "invoices.read_all", "invoices.manage"
Reader = Annotated[Caller, Depends(needs(READ_ALL))]
Manager = Annotated[Caller, Depends(needs(MANAGE))]
DENIALS = (NotAuthenticated, NotPermitted, Invalid)


def today(ctx: Context) -> date:
    return business_date(ctx.clock.now(), ctx.settings.company_time_zone)


def actor_of(caller: Caller) -> str:
    return f"{'staff' if caller.is_staff else 'customer'}:{caller.login_id}"


def seller_of(ctx: Context) -> Seller:
    house = ctx.settings
    return Seller(house.company_name, house.company_address, house.company_country, house.company_email, house.company_tax_id)


async def audited(
    tx: Tx, invoice_id: UUID, action: str, *, caller: Caller, ctx: Context, reason: str | None = None, detail: dict[str, str] | None = None
) -> InvoiceBody:
    """The invoice as it is now, with the deed in the log."""
    invoice = await get_invoice(tx, invoice_id)
    about = {"object_type": "invoice", "object_id": invoice_id, "customer_id": invoice.summary.customer_id, "reason": reason, "detail": detail}
    await identity.audit(tx, actor=actor_of(caller), action=action, now=ctx.clock.now(), **about)  # type: ignore[arg-type]  # fields of several types
    return InvoiceBody.whole(invoice)
