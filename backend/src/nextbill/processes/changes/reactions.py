"""Facts that move a change on, and the license that follows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from nextbill.capabilities import invoicing, licensing, payments, subscriptions
from nextbill.kernel.clock import business_date
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction


class Changes:
    def __init__(self, zone: str) -> None:
        self._zone = zone

    def reactions(self) -> list[Reaction]:
        return [
            Reaction("changes.change_paid", invoicing.InvoicePaid, self.change_paid),
            Reaction("changes.subscription_changed", subscriptions.SubscriptionChanged, self.subscription_changed),
            Reaction("changes.subscription_resumed", subscriptions.SubscriptionResumed, self.subscription_resumed),
            Reaction("changes.card_added", payments.MethodAdded, self.cards_changed),
            Reaction("changes.card_removed", payments.MethodRemoved, self.cards_changed),
        ]

    async def change_paid(self, tx: Tx, event: invoicing.InvoicePaid, *, now: datetime) -> None:
        if event.origin_type == subscriptions.CHANGE:
            on = business_date(now, self._zone)
            await subscriptions.apply_paid_change(tx, event.origin_id, invoice_id=event.invoice_id, on=on, now=now)

    async def subscription_changed(self, tx: Tx, event: subscriptions.SubscriptionChanged, *, now: datetime) -> None:
        await self._follow(tx, event.subscription_id, now=now)

    async def subscription_resumed(self, tx: Tx, event: subscriptions.SubscriptionResumed, *, now: datetime) -> None:
        await self._follow(tx, event.subscription_id, now=now)

    async def cards_changed(self, tx: Tx, event: payments.MethodAdded | payments.MethodRemoved, *, now: datetime) -> None:
        """As the cards are now, so the order of events does not matter: with one on file what the customer keeps is charged, without one it is invoiced."""
        charged = bool(await payments.methods_of(tx, event.customer_id))
        by, today = subscriptions.By("system"), business_date(now, self._zone)
        await subscriptions.collect_by(tx, event.customer_id, "charge" if charged else "invoice", by=by, today=today, now=now)

    async def _follow(self, tx: Tx, subscription_id: UUID, *, now: datetime) -> None:
        """As the subscription is now, whichever of its changes brought us here: so the order of events does not matter. What was cancelled stays so."""
        found = await subscriptions.get_subscription(tx, subscription_id)
        license_ = await licensing.license_for(tx, reference_type=subscriptions.ORDER_LINE, reference_id=found.order_line_id)
        if license_ is None or license_.state == "cancelled" or found.period is None:
            return
        await licensing.change_plan(
            tx,
            license_id=license_.id,
            plan_code=found.plan_code,
            plan_name=found.plan_name,
            limits=found.limits,
            features=list(found.features),
            now=now,
        )
        expires_at = licensing.license_expiry(found.period.end, self._zone)
        await licensing.extend_license(tx, license_id=license_.id, expires_at=expires_at, now=now)
