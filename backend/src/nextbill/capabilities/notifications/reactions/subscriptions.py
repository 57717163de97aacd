"""What is told of subscriptions: changes from the wish to the day they hold, pauses, endings and how to undo them, prices that will be others."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from nextbill.capabilities import customers, invoicing, subscriptions
from nextbill.capabilities.notifications.documents import Reader
from nextbill.capabilities.notifications.reactions.naming import name_of, rhythm, terms
from nextbill.capabilities.notifications.reactions.post import Post
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction


class SubscriptionMails(Post):
    def reactions(self) -> list[Reaction]:
        return [
            Reaction("notifications.change_waiting", subscriptions.ChangeRequested, self.change_waiting),
            Reaction("notifications.change_scheduled", subscriptions.ChangeScheduled, self.change_scheduled),
            Reaction("notifications.change_applied", subscriptions.SubscriptionChanged, self.change_applied),
            Reaction("notifications.change_refused", subscriptions.ChangeRefused, self.change_refused),
            Reaction("notifications.change_withdrawn", subscriptions.ChangeWithdrawn, self.change_withdrawn),
            Reaction("notifications.price_rise", subscriptions.PriceRiseAnnounced, self.price_rise),
            Reaction("notifications.subscription_ending", subscriptions.SubscriptionEnding, self.ending),
            Reaction("notifications.subscription_reactivated", subscriptions.SubscriptionReactivated, self.reactivated),
            Reaction("notifications.subscription_ended", subscriptions.SubscriptionEnded, self.ended),
            Reaction("notifications.subscription_cancelled", subscriptions.SubscriptionCancelled, self.cancelled),
            Reaction("notifications.subscription_paused", subscriptions.SubscriptionPaused, self.paused),
            Reaction("notifications.subscription_resumed", subscriptions.SubscriptionResumed, self.resumed),
        ]

    async def change_waiting(self, tx: Tx, event: subscriptions.ChangeRequested, *, now: datetime) -> None:
        found, change, customer, reader = await self._of_change(tx, event.subscription_id, event.change_id)
        asked = await invoicing.get_proforma(tx, event.proforma_id)
        values = {"to": _target(change, reader), "amount": reader.money(asked.total), "date": reader.day(event.valid_until - timedelta(days=1))}
        await self._about(tx, found, customer, "change_waiting", str(event.change_id), values, now=now)

    async def change_scheduled(self, tx: Tx, event: subscriptions.ChangeScheduled, *, now: datetime) -> None:
        found, change, customer, reader = await self._of_change(tx, event.subscription_id, event.change_id)
        comes = await subscriptions.forecast(tx, found.id, begins_on=event.effective_on)
        values = {"to": _target(change, reader), "date": reader.day(event.effective_on), "amount": reader.money(comes.total)}
        await self._about(tx, found, customer, "change_scheduled", str(event.change_id), values, now=now)

    async def change_applied(self, tx: Tx, event: subscriptions.SubscriptionChanged, *, now: datetime) -> None:
        """A price that was announced is not told again on its day: the notice before the charge names it."""
        found, change, customer, reader = await self._of_change(tx, event.subscription_id, event.change_id)
        if change.kind == "price":
            return
        values = {"to": _target(change, reader)}
        if found.state in ("trialing", "active", "past_due") and found.cancel_on is None:
            comes = await subscriptions.forecast(tx, found.id)
            values |= {"date": reader.day(comes.period.start), "amount": reader.money(comes.total)}
            await self._about(tx, found, customer, "change_applied", str(event.change_id), values, now=now)

    async def change_refused(self, tx: Tx, event: subscriptions.ChangeRefused, *, now: datetime) -> None:
        """With what has to go first, as it is now."""
        found, change, customer, reader = await self._of_change(tx, event.subscription_id, event.change_id)
        too_much = await subscriptions.what_is_too_much(tx, found, subscriptions.Terms.from_json(change.target))
        facts = [
            (reader.resource(one.resource), reader.phrase("words", "to_remove", count=str(one.to_remove), used=str(one.used), limit=str(one.limit)))
            for one in too_much
        ]
        values = {"to": _target(change, reader)}
        await self._about(tx, found, customer, "change_refused", str(event.change_id), values, facts=facts, now=now)

    async def change_withdrawn(self, tx: Tx, event: subscriptions.ChangeWithdrawn, *, now: datetime) -> None:
        found, change, customer, reader = await self._of_change(tx, event.subscription_id, event.change_id)
        if change.kind == "price":
            await self._about(tx, found, customer, "price_stays", str(event.change_id), {}, now=now)
            return
        kind = "change_expired" if event.expired else "change_withdrawn"
        await self._about(tx, found, customer, kind, str(event.change_id), {"to": _target(change, reader)}, now=now)

    async def price_rise(self, tx: Tx, event: subscriptions.PriceRiseAnnounced, *, now: datetime) -> None:
        """Both prices with tax and coupon, as the period in question will be charged."""
        found, customer, reader = await self._of(tx, event.subscription_id)
        change = await subscriptions.get_change(tx, event.change_id)
        if change.state != "scheduled" or found.state in ("ended", "cancelled"):
            return
        after = await subscriptions.forecast(tx, found.id, begins_on=event.effective_on)
        before = await subscriptions.forecast(tx, found.id, begins_on=event.effective_on, without=event.change_id)
        values = {
            "before": reader.money(before.total),
            "after": reader.money(after.total),
            "date": reader.day(event.effective_on),
            "last_day": reader.day(event.effective_on - timedelta(days=1)),
            "cycle": rhythm(found.cycle, reader),
        }
        kind = "price_rise" if event.after_minor > event.before_minor else "price_falls"
        await self._about(tx, found, customer, kind, str(event.change_id), values, now=now)

    async def ending(self, tx: Tx, event: subscriptions.SubscriptionEnding, *, now: datetime) -> None:
        found, customer, reader = await self._of(tx, event.subscription_id)
        values = {"date": reader.day(event.cancel_on), "last_day": reader.day(event.cancel_on - timedelta(days=1))}
        await self._about(tx, found, customer, "subscription_ending", f"{found.id}:{now.isoformat()}", values, now=now)

    async def reactivated(self, tx: Tx, event: subscriptions.SubscriptionReactivated, *, now: datetime) -> None:
        found, customer, reader = await self._of(tx, event.subscription_id)
        if found.cancel_on is None and found.state in ("trialing", "active", "past_due"):
            comes = await subscriptions.forecast(tx, found.id)
            values = {"date": reader.day(comes.period.start), "amount": reader.money(comes.total)}
            await self._about(tx, found, customer, "subscription_reactivated", f"{found.id}:{now.isoformat()}", values, now=now)

    async def ended(self, tx: Tx, event: subscriptions.SubscriptionEnded, *, now: datetime) -> None:
        found, customer, reader = await self._of(tx, event.subscription_id)
        await self._about(tx, found, customer, "subscription_ended", str(found.id), {"date": reader.day(event.ended_on)}, now=now)

    async def cancelled(self, tx: Tx, event: subscriptions.SubscriptionCancelled, *, now: datetime) -> None:
        """A trial that was called off. What was never delivered is told with its order."""
        found, customer, _reader = await self._of(tx, event.subscription_id)
        if found.started_at is not None:
            await self._about(tx, found, customer, "trial_cancelled", str(found.id), {}, now=now)

    async def paused(self, tx: Tx, event: subscriptions.SubscriptionPaused, *, now: datetime) -> None:
        found, customer, reader = await self._of(tx, event.subscription_id)
        if found.state == "paused" and found.paused_on is not None:
            until = reader.day(found.resume_on) if found.resume_on else reader.phrase("words", "until_resumed")
            values = {"date": reader.day(found.paused_on), "until": until}
            await self._about(tx, found, customer, "subscription_paused", f"{found.id}:{now.isoformat()}", values, now=now)

    async def resumed(self, tx: Tx, event: subscriptions.SubscriptionResumed, *, now: datetime) -> None:
        found, customer, reader = await self._of(tx, event.subscription_id)
        values = {"date": reader.day(event.period_end)}
        await self._about(tx, found, customer, "subscription_resumed", f"{found.id}:{event.period_end}:{now.isoformat()}", values, now=now)

    async def _of(self, tx: Tx, subscription_id: UUID) -> tuple[subscriptions.Subscription, customers.Customer, Reader]:
        found = await subscriptions.get_subscription(tx, subscription_id)
        customer = await customers.get_customer(tx, found.customer_id)
        return found, customer, Reader.of(customer.locale)

    async def _of_change(
        self, tx: Tx, subscription_id: UUID, change_id: UUID
    ) -> tuple[subscriptions.Subscription, subscriptions.Change, customers.Customer, Reader]:
        found, customer, reader = await self._of(tx, subscription_id)
        return found, await subscriptions.get_change(tx, change_id), customer, reader

    async def _about(
        self,
        tx: Tx,
        found: subscriptions.Subscription,
        customer: customers.Customer,
        kind: str,
        reason: str,
        values: dict[str, str],
        *,
        now: datetime,
        facts: list[tuple[str, str]] | None = None,
    ) -> None:
        what = await name_of(tx, found, Reader.of(customer.locale))
        link = f"{self._settings.portal_url}/subscriptions/{found.id}"
        await self._to_customer(tx, customer, kind, reason, {"what": what, **values}, link=link, delivered=facts, now=now)


def _target(change: subscriptions.Change, reader: Reader) -> str:
    return terms(subscriptions.Terms.from_json(change.target), reader)
