"""What is told of names: that they expire, what becomes of them then, that they were renewed, or could not be."""

from __future__ import annotations

from datetime import datetime, timedelta

from nextbill.capabilities import customers, domains, invoicing, payments
from nextbill.capabilities.notifications.documents import Reader
from nextbill.capabilities.notifications.reactions.cards import card_name
from nextbill.capabilities.notifications.reactions.post import Post
from nextbill.capabilities.notifications.rules import Letter
from nextbill.kernel.clock import business_date
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.money import total
from nextbill.runtime import words
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction

BEFORE = {"off": "domain_expires", "automatic": "domain_expires_automatic", "unpaid": "domain_expires_unpaid"}
AFTER = {"off": "domain_expired", "automatic": "domain_expired", "unpaid": "domain_expired_unpaid"}


class NameMails(Post):
    def reactions(self) -> list[Reaction]:
        return [
            Reaction("notifications.domain_expiring", domains.DomainExpiring, self.expiring),
            Reaction("notifications.domain_renewals_ahead", domains.DomainRenewalsAhead, self.ahead),
            Reaction("notifications.domain_renewed", domains.DomainRenewed, self.renewed),
            Reaction("notifications.domain_lapsed", domains.DomainLapsed, self.lapsed),
            Reaction("notifications.staff_domain_renewal_parked", domains.DomainRenewalParked, self.staff_parked),
        ]

    async def expiring(self, tx: Tx, event: domains.DomainExpiring, *, now: datetime) -> None:
        """To the registrant, as ICANN has it; to the customer too, who can do something about it, where that is another address."""
        found = await domains.get_domain(tx, event.domain_id)
        if found.state != "active" or found.expires_on != event.expires_on:
            return
        customer = await customers.get_customer(tx, event.customer_id)
        reader = Reader.of(customer.locale)
        days = (event.expires_on - business_date(now, self._settings.company_time_zone)).days
        values = {"name": found.name.unicode, "date": reader.day(event.expires_on)}
        kind, reason = (BEFORE if days >= 0 else AFTER)[event.outlook], f"{found.id}:{event.expires_on}:{event.days_before}"
        link = self._where(found.id)
        last = await domains.latest_renewal(tx, found.id) if event.outlook == "unpaid" else None
        if event.outlook == "unpaid" and (last is None or last.state != "invoiced"):
            return  # it was paid, or taken back, meanwhile
        to_pay = self._pay_link(last.invoice_id, now=now) if last is not None and last.invoice_id is not None else link
        registrant = await domains.registrant_email(tx, found.id, cipher=self._cipher)
        same = registrant.lower() == customer.email.lower()
        await self._send(tx, Letter(kind, reason, registrant, customer.id, reader.language, values, to_pay if same else link), now=now)
        if not same:
            await self._to_customer(tx, customer, kind, f"{reason}:customer", values, link=to_pay, now=now)

    async def ahead(self, tx: Tx, event: domains.DomainRenewalsAhead, *, now: datetime) -> None:
        """Once for each invoice: which of its lines are names, and how to keep them from being charged."""
        customer = await customers.get_customer(tx, event.customer_id)
        paper, reader = await invoicing.get_invoice(tx, event.invoice_id), Reader.of(customer.locale)
        card = (await payments.charged_cards(tx, [customer.id])).get(customer.id)
        of_names = {one.line_id for one in await domains.renewals_on(tx, event.invoice_id) if one.state == "invoiced"}
        lines = [line for line in paper.lines if line.id in of_names]
        if not lines or card is None or paper.summary.state != "open" or paper.summary.due_on is None:
            return
        due_on = paper.summary.due_on
        values = {
            "what": ", ".join([(await domains.get_domain(tx, line.reference_id)).name.unicode for line in lines]),
            "date": reader.day(due_on),
            "last_day": reader.day(due_on - timedelta(days=1)),
            "amount": reader.money(total([line.gross for line in lines], paper.summary.total.currency)),
            "card": card_name(card.brand, card.last4),
        }
        facts = [(words.line(line.description, reader.language), reader.money(line.gross)) for line in lines]
        link = self._where(lines[0].reference_id) if len(lines) == 1 else f"{self._settings.portal_url}/domains-owned"
        await self._to_customer(tx, customer, "domain_renewal_ahead", str(event.invoice_id), values, link=link, delivered=facts, now=now)

    async def renewed(self, tx: Tx, event: domains.DomainRenewed, *, now: datetime) -> None:
        customer = await customers.get_customer(tx, event.customer_id)
        reader = Reader.of(customer.locale)
        values = {"name": DomainName(event.domain).unicode, "date": reader.day(event.expires_on)}
        await self._to_customer(tx, customer, "domain_renewed", str(event.renewal_id), values, link=self._where(event.domain_id), now=now)

    async def lapsed(self, tx: Tx, event: domains.DomainLapsed, *, now: datetime) -> None:
        customer, found = await customers.get_customer(tx, event.customer_id), await domains.get_domain(tx, event.domain_id)
        values = {"name": found.name.unicode, "date": Reader.of(customer.locale).day(event.expires_on)}
        reason = f"{found.id}:{event.expires_on}:lapsed"
        await self._to_customer(tx, customer, "domain_lapsed", reason, values, link=self._where(found.id), now=now)

    async def staff_parked(self, tx: Tx, event: domains.DomainRenewalParked, *, now: datetime) -> None:
        what = self._house.phrase("staff", "domain_renewal", name=DomainName(event.domain).unicode, date=self._house.day(event.expires_on))
        why = self._house.phrase("staff", "held_up", why=self._house.why(event.reason) or event.reason)
        await self._to_staff(tx, f"{event.renewal_id}:{event.reason}", what, why, now=now)

    def _where(self, domain_id: object) -> str:
        return f"{self._settings.portal_url}/domains-owned/{domain_id}"
