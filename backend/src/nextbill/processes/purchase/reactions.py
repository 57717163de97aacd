"""Facts that move a delivery on. The references are our order lines'; others' are none of our business."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import domains, hosting, identity, invoicing, orders
from nextbill.processes.purchase import commands
from nextbill.processes.purchase.commands import LINE, Means
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction

ORDER = "orders.order"
Delivery = (
    hosting.AccountPlaced
    | hosting.AccountReady
    | hosting.AccountDelayed
    | hosting.AccountParked
    | domains.DomainRegistered
    | domains.DomainRefused
    | domains.DomainParked
)


def _for_order(event: invoicing.InvoicePaid) -> bool:
    return event.origin_type == ORDER


def _for_line(event: Delivery) -> bool:
    return event.reference_type == LINE


class Purchase:
    """The reactions with what they need; `reactions()` lists them for wiring."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def reactions(self) -> list[Reaction]:
        return [
            Reaction("purchase.order_paid", invoicing.InvoicePaid, self.order_paid, when=_for_order),
            Reaction("purchase.order_confirmed", orders.OrderConfirmed, self.order_confirmed),
            Reaction("purchase.address_confirmed", identity.EmailVerified, self.address_confirmed),
            Reaction("purchase.account_placed", hosting.AccountPlaced, self.account_placed, when=_for_line),
            Reaction("purchase.account_ready", hosting.AccountReady, self.account_ready, when=_for_line),
            Reaction("purchase.account_delayed", hosting.AccountDelayed, self.account_delayed, when=_for_line),
            Reaction("purchase.account_parked", hosting.AccountParked, self.account_parked, when=_for_line),
            Reaction("purchase.domain_registered", domains.DomainRegistered, self.domain_registered, when=_for_line),
            Reaction("purchase.domain_refused", domains.DomainRefused, self.domain_refused, when=_for_line),
            Reaction("purchase.domain_parked", domains.DomainParked, self.domain_parked, when=_for_line),
        ]

    async def order_paid(self, tx: Tx, event: invoicing.InvoicePaid, *, now: datetime) -> None:
        if await orders.mark_paid(tx, event.origin_id, now=now):
            await commands.drop_credited(tx, event.origin_id, means=self._means, now=now)
        await commands.deliver(tx, event.origin_id, means=self._means, now=now)

    async def order_confirmed(self, tx: Tx, event: orders.OrderConfirmed, *, now: datetime) -> None:
        await commands.deliver(tx, event.order_id, means=self._means, now=now)

    async def address_confirmed(self, tx: Tx, event: identity.EmailVerified, *, now: datetime) -> None:
        if event.customer_id is not None:
            await commands.deliver_waiting(tx, event.customer_id, means=self._means, now=now)

    async def account_placed(self, tx: Tx, event: hosting.AccountPlaced, *, now: datetime) -> None:
        await commands.server_found(tx, line_id=event.reference_id, server_id=event.server_id, means=self._means, now=now)

    async def account_ready(self, tx: Tx, event: hosting.AccountReady, *, now: datetime) -> None:
        await commands.account_ready(tx, line_id=event.reference_id, means=self._means, now=now)

    async def account_delayed(self, tx: Tx, event: hosting.AccountDelayed, *, now: datetime) -> None:
        await orders.mark_line(tx, event.reference_id, state="delayed", reason="no_room", now=now)

    async def account_parked(self, tx: Tx, event: hosting.AccountParked, *, now: datetime) -> None:
        await orders.mark_line(tx, event.reference_id, state="parked", reason=event.reason, now=now)

    async def domain_registered(self, tx: Tx, event: domains.DomainRegistered, *, now: datetime) -> None:
        await commands.delivered(tx, event.reference_id, now=now)

    async def domain_refused(self, tx: Tx, event: domains.DomainRefused, *, now: datetime) -> None:
        await orders.mark_line(tx, event.reference_id, state="refused", reason=event.reason, now=now)

    async def domain_parked(self, tx: Tx, event: domains.DomainParked, *, now: datetime) -> None:
        await orders.mark_line(tx, event.reference_id, state="parked", reason=event.reason, now=now)
