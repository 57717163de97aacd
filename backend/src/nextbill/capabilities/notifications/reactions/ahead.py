"""What is told before it happens: charges, the end of a trial, invoices to come and to be paid, endings."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from nextbill.capabilities import customers, invoicing, ledger, payments, subscriptions
from nextbill.capabilities.notifications.documents import Reader
from nextbill.capabilities.notifications.reactions.cards import card_name
from nextbill.capabilities.notifications.reactions.naming import name_of
from nextbill.capabilities.notifications.reactions.post import Post
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction

OVER = ("ended", "cancelled", "paused")
Facts = list[tuple[str, str]]


class AheadMails(Post):
    def reactions(self) -> list[Reaction]:
        return [
            Reaction("notifications.notice_due", subscriptions.NoticeDue, self.notice_due),
        ]

    async def notice_due(self, tx: Tx, event: subscriptions.NoticeDue, *, now: datetime) -> None:
        """One mail for all that comes to the same day in the same way; what has ended meanwhile is left out."""
        customer = await customers.get_customer(tx, event.customer_id)
        found = [await subscriptions.get_subscription(tx, id_) for id_ in await subscriptions.told_together(tx, event.group_id)]
        living = [one for one in found if one.state not in OVER and (event.kind == "ending" or one.cancel_on is None)]
        if not living:
            return
        if event.kind == "ending":
            await self._ending(tx, event, customer, living, now=now)
        elif event.kind == "unpaid" or (event.kind == "charge" and all(one.billed_index > one.period_index for one in living)):
            await self._billed(tx, event, customer, living, now=now)
        else:
            await self._to_come(tx, event, customer, living, now=now)

    async def _to_come(
        self, tx: Tx, event: subscriptions.NoticeDue, customer: customers.Customer, living: list[subscriptions.Subscription], *, now: datetime
    ) -> None:
        """With what the run will ask for, and on which card, if there is one."""
        reader = Reader.of(customer.locale)
        comes = [(one, await subscriptions.forecast(tx, one.id)) for one in living]
        amount = total([each.total for _one, each in comes], living[0].price.currency)
        facts = [(await name_of(tx, one, reader), reader.money(each.total)) for one, each in comes]
        amount, facts = await self._less_credit(tx, customer, amount, facts, reader)
        if not amount:
            return
        values = {"date": reader.day(event.on_day), "last_day": reader.day(event.on_day - timedelta(days=1)), "amount": reader.money(amount)}
        values |= {
            "what": ", ".join(name for name, _price in facts[: len(comes)]),
            "invoice_day": reader.day(min(each.billed_on for _one, each in comes)),
        }
        card = (await payments.charged_cards(tx, [customer.id])).get(customer.id)
        charged = card is not None and living[0].collection == "charge"
        if card is not None and charged:
            values["card"] = card_name(card.brand, card.last4)
            facts.append((reader.phrase("words", "card"), values["card"]))
        kind = ("trial_ends_card" if charged else "trial_ends") if event.kind == "trial" else "charge_ahead" if charged else "invoice_ahead"
        await self._to_customer(tx, customer, kind, str(event.group_id), values, link=self._where(living), delivered=facts, now=now)

    async def _less_credit(self, tx: Tx, customer: customers.Customer, amount: Money, facts: Facts, reader: Reader) -> tuple[Money, Facts]:
        """What stands to the customer's credit pays first, where the shop lets it."""
        balance = await ledger.balance(tx, ledger.Account.CUSTOMER_CREDIT, customer_id=customer.id)
        credit = Money(max(-balance.get(amount.currency, 0), 0), amount.currency)
        if not credit or not self._settings.apply_credit_automatically:
            return amount, facts
        used = min(credit, amount)
        return amount - used, [*facts, (reader.phrase("words", "your_credit"), reader.money(-used))]

    async def _billed(
        self, tx: Tx, event: subscriptions.NoticeDue, customer: customers.Customer, living: list[subscriptions.Subscription], *, now: datetime
    ) -> None:
        """The invoice is there: what is still owed on it. Paid ones are nobody's business any more."""
        reader = Reader.of(customer.locale)
        papers = [paper for paper in [await _invoice(tx, id_) for id_ in await _invoices(tx, living)] if paper.owed and paper.state == "open"]
        if not papers:
            return
        amount = total([paper.owed for paper in papers], papers[0].owed.currency)
        facts = [(reader.phrase("words", "invoice", number=paper.number or ""), reader.money(paper.owed)) for paper in papers]
        values = {"date": reader.day(event.on_day), "last_day": reader.day(event.on_day - timedelta(days=1)), "amount": reader.money(amount)}
        values["what"] = ", ".join([await name_of(tx, one, reader) for one in living])
        if len(facts) == 1:
            facts = [(f"{values['what']} ({facts[0][0]})", facts[0][1])]
        if event.kind == "charge":
            card = (await payments.charged_cards(tx, [customer.id])).get(customer.id)
            if card is not None:
                values["card"] = card_name(card.brand, card.last4)
                facts.append((reader.phrase("words", "card"), values["card"]))
                await self._to_customer(tx, customer, "charge_ahead", str(event.group_id), values, link=self._where(living), delivered=facts, now=now)
                return
        link = self._pay_link(papers[0].id, now=now) if len(papers) == 1 else f"{self._settings.portal_url}/invoices"
        await self._to_customer(tx, customer, "invoice_waits", str(event.group_id), values, link=link, delivered=facts, now=now)

    async def _ending(
        self, tx: Tx, event: subscriptions.NoticeDue, customer: customers.Customer, living: list[subscriptions.Subscription], *, now: datetime
    ) -> None:
        reader = Reader.of(customer.locale)
        ending = [one for one in living if one.cancel_on == event.on_day]
        if not ending:
            return
        values = {"date": reader.day(event.on_day), "last_day": reader.day(event.on_day - timedelta(days=1))}
        values["what"] = ", ".join([await name_of(tx, one, reader) for one in ending])
        await self._to_customer(tx, customer, "ending_ahead", str(event.group_id), values, link=self._where(ending), now=now)

    def _where(self, living: list[subscriptions.Subscription]) -> str:
        one = f"/{living[0].id}" if len(living) == 1 else ""
        return f"{self._settings.portal_url}/subscriptions{one}"


async def _invoices(tx: Tx, living: list[subscriptions.Subscription]) -> list[UUID]:
    """Of the periods that begin when the present ones end, each invoice once."""
    found: list[UUID] = []
    for one in living:
        for period in await subscriptions.billed_periods(tx, one.id):
            if period.index == one.period_index + 1 and period.invoice_id is not None and period.invoice_id not in found:
                found.append(period.invoice_id)
    return found


async def _invoice(tx: Tx, invoice_id: UUID) -> invoicing.InvoiceSummary:
    return (await invoicing.get_invoice(tx, invoice_id)).summary
