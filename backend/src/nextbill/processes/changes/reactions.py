"""Facts that move a change on, and what follows elsewhere: the license, the account, how it is collected."""

from __future__ import annotations

from datetime import datetime

from nextbill.capabilities import invoicing, payments, subscriptions
from nextbill.kernel.clock import business_date
from nextbill.processes.changes.commands import follow, follow_terms
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction

Standing = (
    subscriptions.SubscriptionPaused | subscriptions.SubscriptionResumed | subscriptions.SubscriptionEnded | subscriptions.SubscriptionCancelled
)


def _for_change(event: invoicing.InvoicePaid) -> bool:
    return event.origin_type == subscriptions.CHANGE


class Changes:
    def __init__(self, zone: str) -> None:
        self._zone = zone

    def reactions(self) -> list[Reaction]:
        return [
            Reaction("changes.change_paid", invoicing.InvoicePaid, self.change_paid, when=_for_change),
            Reaction("changes.subscription_changed", subscriptions.SubscriptionChanged, self.subscription_changed),
            Reaction("changes.subscription_paused", subscriptions.SubscriptionPaused, self.standing_changed),
            Reaction("changes.subscription_resumed", subscriptions.SubscriptionResumed, self.standing_changed),
            Reaction("changes.subscription_ended", subscriptions.SubscriptionEnded, self.standing_changed),
            Reaction("changes.subscription_cancelled", subscriptions.SubscriptionCancelled, self.standing_changed),
            Reaction("changes.card_added", payments.MethodAdded, self.cards_changed),
            Reaction("changes.card_removed", payments.MethodRemoved, self.cards_changed),
        ]

    async def change_paid(self, tx: Tx, event: invoicing.InvoicePaid, *, now: datetime) -> None:
        on = business_date(now, self._zone)
        await subscriptions.apply_paid_change(tx, event.origin_id, invoice_id=event.invoice_id, on=on, now=now)

    async def subscription_changed(self, tx: Tx, event: subscriptions.SubscriptionChanged, *, now: datetime) -> None:
        await follow_terms(tx, event.subscription_id, zone=self._zone, now=now)

    async def standing_changed(self, tx: Tx, event: Standing, *, now: datetime) -> None:
        await follow(tx, event.subscription_id, zone=self._zone, now=now)

    async def cards_changed(self, tx: Tx, event: payments.MethodAdded | payments.MethodRemoved, *, now: datetime) -> None:
        """As the cards are now, so the order of events does not matter: with one on file what the customer keeps is charged, without one it is invoiced."""
        charged = bool(await payments.methods_of(tx, event.customer_id))
        by, today = subscriptions.By("system"), business_date(now, self._zone)
        await subscriptions.collect_by(tx, event.customer_id, "charge" if charged else "invoice", by=by, today=today, now=now)
