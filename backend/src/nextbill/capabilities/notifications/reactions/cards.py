"""What is told of saved cards and of charges to them. A mail that asks for something brings the link where it is done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from nextbill.capabilities import customers, invoicing, payments, subscriptions
from nextbill.capabilities.notifications.documents import Reader
from nextbill.capabilities.notifications.reactions.post import Post
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction

NOT_THE_CUSTOMERS = frozenset({"amount_too_small", "amount_too_large", "currency_unsupported", "amount_too_fine", "amount_out_of_range"})
"""Why a charge was refused, where no customer can do anything about it."""
_BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover", "diners": "Diners Club", "jcb": "JCB"}


class CardMails(Post):
    def reactions(self) -> list[Reaction]:
        return [
            Reaction("notifications.card_added", payments.MethodAdded, self.card_added),
            Reaction("notifications.card_removed", payments.MethodRemoved, self.card_removed),
            Reaction("notifications.card_expiring", payments.MethodExpiring, self.card_expiring),
            Reaction("notifications.charge_declined", payments.ChargeDeclined, self.charge_declined),
            Reaction("notifications.charge_confirm", payments.AuthenticationNeeded, self.charge_confirm),
            Reaction("notifications.charge_impossible", payments.CollectionEnded, self.charge_impossible),
            Reaction("notifications.staff_charge_parked", payments.ChargeParked, self.staff_charge_parked),
        ]

    async def card_added(self, tx: Tx, event: payments.MethodAdded, *, now: datetime) -> None:
        customer = await customers.get_customer(tx, event.customer_id)
        values = {"card": card_name(event.brand, event.last4), "date": Reader.of(customer.locale).day(event.expires_on)}
        await self._to_customer(tx, customer, "card_added", str(event.method_id), values, link=self._cards(), now=now)

    async def card_removed(self, tx: Tx, event: payments.MethodRemoved, *, now: datetime) -> None:
        customer = await customers.get_customer(tx, event.customer_id)
        kind = "card_removed_last" if event.last else "card_removed"
        await self._to_customer(tx, customer, kind, str(event.method_id), {"card": card_name(event.brand, event.last4)}, link=self._cards(), now=now)

    async def card_expiring(self, tx: Tx, event: payments.MethodExpiring, *, now: datetime) -> None:
        customer = await customers.get_customer(tx, event.customer_id)
        values = {"card": card_name(event.brand, event.last4), "date": Reader.of(customer.locale).day(event.expires_on)}
        reason = f"{event.method_id}:{event.expires_on}:{event.days_before}"
        await self._to_customer(tx, customer, "card_expiring", reason, values, link=self._cards(), now=now)

    async def charge_declined(self, tx: Tx, event: payments.ChargeDeclined, *, now: datetime) -> None:
        """With a day on which it is tried again, or without one: then the customer has to do something."""
        customer, method = await customers.get_customer(tx, event.customer_id), await payments.get_method(tx, event.method_id)
        reader = Reader.of(customer.locale)
        values = {
            "amount": reader.money(Money(event.amount_minor, event.currency)),
            "what": (await payments.get_payable(tx, event.payable_id)).description,
            "card": card_name(method.brand, method.last4),
            "why": reader.of_charge("declines", event.reason),
            "remedy": reader.of_charge("remedies", event.reason),
            "date": reader.day(event.next_try_on) if event.next_try_on else "",
        }
        kind = "charge_declined" if event.next_try_on else "charge_failed"
        link = await self._where_to_pay(tx, event.reference_type, event.reference_id, now=now)
        await self._to_customer(tx, customer, kind, str(event.attempt_id), values, link=link, now=now)

    async def charge_confirm(self, tx: Tx, event: payments.AuthenticationNeeded, *, now: datetime) -> None:
        customer, method = await customers.get_customer(tx, event.customer_id), await payments.get_method(tx, event.method_id)
        values = {
            "amount": Reader.of(customer.locale).money(Money(event.amount_minor, event.currency)),
            "what": (await payments.get_payable(tx, event.payable_id)).description,
            "card": card_name(method.brand, method.last4),
        }
        link = await self._where_to_pay(tx, event.reference_type, event.reference_id, now=now)
        await self._to_customer(tx, customer, "charge_confirm", str(event.attempt_id), values, link=link, now=now)

    async def charge_impossible(self, tx: Tx, event: payments.CollectionEnded, *, now: datetime) -> None:
        payable = await payments.get_payable(tx, event.payable_id)
        if payable.state != "open":
            return
        if event.reason in NOT_THE_CUSTOMERS:
            what = self._house.phrase("staff", "collection", what=payable.description)
            await self._to_staff(
                tx, f"{event.payable_id}:{event.reason}", what, self._house.phrase("staff", "not_charged", reason=event.reason), now=now
            )
            return
        customer = await customers.get_customer(tx, event.customer_id)
        reader = Reader.of(customer.locale)
        values = {
            "amount": reader.money(payable.amount),
            "what": payable.description,
            "why": reader.of_charge("declines", event.reason),
            "remedy": reader.of_charge("remedies", event.reason),
        }
        link = await self._where_to_pay(tx, event.reference_type, event.reference_id, now=now)
        await self._to_customer(tx, customer, "charge_impossible", f"{event.payable_id}:{event.reason}:{now.date()}", values, link=link, now=now)

    async def staff_charge_parked(self, tx: Tx, event: payments.ChargeParked, *, now: datetime) -> None:
        what = self._house.phrase("staff", "payment", id=str(event.attempt_id))
        why = self._house.phrase("staff", "charge_parked", reason=event.vendor_reason)
        await self._to_staff(tx, f"{event.attempt_id}:parked", what, why, now=now)

    def _cards(self) -> str:
        return f"{self._settings.portal_url}/payment-methods"

    async def _where_to_pay(self, tx: Tx, reference_type: str, reference_id: UUID, *, now: datetime) -> str:
        """An invoice by its signed link, an order or a change on its page."""
        if reference_type == invoicing.INVOICE:
            return self._pay_link(reference_id, now=now)
        if reference_type == invoicing.PROFORMA:
            asked = await invoicing.get_proforma(tx, reference_id)
            if asked.origin_type == subscriptions.CHANGE:
                return f"{self._settings.portal_url}/subscriptions/{(await subscriptions.get_change(tx, asked.origin_id)).subscription_id}"
            return f"{self._settings.portal_url}/orders/{asked.origin_id}"
        return f"{self._settings.portal_url}/payments"


def card_name(brand: str, last4: str) -> str:
    return f"{_BRANDS.get(brand, brand.replace('_', ' ').title())} •••• {last4}"
