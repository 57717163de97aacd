"""Documents as a stranger with the database's password would write them."""

from __future__ import annotations

from uuid import UUID

from nextbill.capabilities import invoicing
from nextbill.kernel.money import Money
from tests.support.trade import NOW, SELLER, TODAY, Trade

COPIED = "customer_id, series, origin_type, origin_id, credited_minor, buyer, seller, issued_on, due_on, issued_at, created_at, currency, net_minor, tax_minor, total_minor"


def forged(state: str, due: str, paid: str, *, new: str = "gen_random_uuid()") -> str:
    """A second invoice like the one that is there, with a payable of its own and the number after it."""
    return (
        "with p as (insert into payments_payable (id, customer_id, reference_type, reference_id, amount_minor, currency, description, state, opened_at) "
        f"select gen_random_uuid(), customer_id, 'invoicing.invoice', {new}, amount_minor, currency, 'x', 'open', opened_at from payments_payable "
        "returning id, reference_id) "
        f"insert into invoicing_invoice (id, sequence, number, state, due_minor, paid_minor, payable_id, {COPIED}) "
        f"select p.reference_id, 2, 'INV-2026-000002', '{state}', {due}, {paid}, p.id, {COPIED} from invoicing_invoice, p"
    )


async def drafted(trade: Trade) -> UUID:
    """A draft of one line; its customer."""
    ada = await trade.customer()
    wanted = invoicing.Draft("USD", [invoicing.DraftLine(description="Work", unit_net=Money(100, "USD"))], invoicing.References(), 14)
    async with trade.writing() as tx:
        await invoicing.create_draft(tx, customer_id=ada, draft=wanted, seller=SELLER, actor="staff:x", today=TODAY, now=NOW)
    return ada
