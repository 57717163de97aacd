"""Facts that are told by mail. Tokens are made here, where the mail is composed: they travel in no event and no job."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from nextbill.capabilities import customers, hosting, identity, invoicing, licensing, orders, payments, tax
from nextbill.capabilities.notifications.documents import Reader
from nextbill.capabilities.notifications.reactions.ahead import AheadMails
from nextbill.capabilities.notifications.reactions.cards import CardMails
from nextbill.capabilities.notifications.reactions.names import NameMails
from nextbill.capabilities.notifications.reactions.post import Post
from nextbill.capabilities.notifications.reactions.subscriptions import SubscriptionMails
from nextbill.capabilities.notifications.rules import Letter, welcome_for, what_is_ready
from nextbill.kernel.clock import business_date
from nextbill.kernel.domain_name import DomainName
from nextbill.runtime.database import Tx
from nextbill.runtime.events import Reaction
from nextbill.runtime.words import told

ORDER, LINE = "orders.order", "orders.line"


def described(line: orders.OrderLine, reader: Reader) -> str:
    """What was bought, in the reader's words; documents keep it as it was sold."""
    name = DomainName(line.domain_name).unicode if line.domain_name else ""
    if line.kind == "hosting":
        return reader.phrase("words", "hosting_line", plan=line.plan_name or "", name=name)
    if line.kind == "product":
        return line.plan_name or "" if line.quantity == 1 else f"{line.quantity} × {line.plan_name}"
    return reader.phrase("words", "one_year", name=name) if line.years == 1 else reader.phrase("words", "years", name=name, years=str(line.years))


def _by_itself(event: orders.LineHeldUp) -> bool:
    """A name that waits for its site's server is told with the site."""
    return event.reason != "waits_for_server"


class Mails(Post):
    def reactions(self) -> list[Reaction]:
        return [
            Reaction("notifications.verify_email", identity.EmailVerificationRequested, self.verify_email),
            Reaction("notifications.account_exists", identity.RegistrationRepeated, self.account_exists),
            Reaction("notifications.reset_password", identity.PasswordResetRequested, self.reset_password),
            Reaction("notifications.password_changed", identity.PasswordChanged, self.password_changed),
            Reaction("notifications.session_reused", identity.SessionReused, self.session_reused),
            Reaction("notifications.receipt", invoicing.InvoicePaid, self.receipt),
            Reaction("notifications.confirm_to_deliver", orders.OrderPaid, self.confirm_to_deliver),
            Reaction("notifications.welcome", orders.OrderCompleted, self.welcome),
            Reaction("notifications.held_up", orders.LineHeldUp, self.held_up, when=_by_itself),
            Reaction("notifications.name_refused", orders.LineRefused, self.name_refused),
            Reaction("notifications.delivery_overdue", orders.DeliveryOverdue, self.delivery_overdue),
            Reaction("notifications.quota_reached", licensing.QuotaReached, self.quota_reached),
            Reaction("notifications.credit_note", invoicing.CreditNoteIssued, self.credit_note),
            Reaction("notifications.invoice", invoicing.InvoiceSendingRequested, self.invoice),
            Reaction("notifications.refunded", payments.RefundSucceeded, self.refunded),
            Reaction("notifications.tax_id_refuted", tax.TaxIdRefuted, self.tax_id_refuted),
            *(
                reaction
                for mails in (CardMails, SubscriptionMails, AheadMails, NameMails)
                for reaction in mails(self._settings, self._cipher).reactions()
            ),
            *self._for_staff(),
        ]

    def _for_staff(self) -> list[Reaction]:
        return [
            Reaction("notifications.staff_held_up", orders.LineHeldUp, self.staff_held_up, when=_by_itself),
            Reaction("notifications.staff_quarantined", payments.PaymentQuarantined, self.staff_quarantined),
            Reaction("notifications.staff_refund_failed", payments.RefundFailed, self.staff_refund_failed),
            Reaction("notifications.staff_payment_parked", payments.PaymentParked, self.staff_payment_parked),
            Reaction("notifications.staff_tax_task", tax.TaxTaskOpened, self.staff_tax_task),
        ]

    async def verify_email(self, tx: Tx, event: identity.EmailVerificationRequested, *, now: datetime) -> None:
        await self._with_token(tx, event.login_id, kind="verify_email", purpose="verify_email", page="verify-email", now=now)

    async def reset_password(self, tx: Tx, event: identity.PasswordResetRequested, *, now: datetime) -> None:
        await self._with_token(tx, event.login_id, kind="reset_password", purpose="reset_password", page="reset-password", now=now)

    async def account_exists(self, tx: Tx, event: identity.RegistrationRepeated, *, now: datetime) -> None:
        await self._with_token(tx, event.login_id, kind="account_exists", purpose="reset_password", page="reset-password", now=now)

    async def _with_token(self, tx: Tx, login_id: UUID, *, kind: str, purpose: identity.Purpose, page: str, now: datetime) -> None:
        login = await identity.get_login(tx, login_id)
        token = await identity.issue_token(tx, login_id=login.id, purpose=purpose, now=now)
        link = f"{self._settings.portal_url}/{page}?token={quote(token)}"
        letter = Letter(kind, f"{login_id}:{now.isoformat()}", login.email, login.customer_id, await self._language(tx, login.customer_id), link=link)
        await self._send(tx, letter, now=now)

    async def password_changed(self, tx: Tx, event: identity.PasswordChanged, *, now: datetime) -> None:
        login = await identity.get_login(tx, event.login_id)
        language = await self._language(tx, login.customer_id)
        await self._send(tx, Letter("password_changed", f"{login.id}:{now.isoformat()}", login.email, login.customer_id, language), now=now)

    async def session_reused(self, tx: Tx, event: identity.SessionReused, *, now: datetime) -> None:
        login = await identity.get_login(tx, event.login_id)
        language = await self._language(tx, login.customer_id)
        await self._send(tx, Letter("session_reused", str(event.session_id), login.email, login.customer_id, language), now=now)

    async def receipt(self, tx: Tx, event: invoicing.InvoicePaid, *, now: datetime) -> None:
        if event.origin_type != ORDER:
            await self._paid(tx, event, now=now)
            return
        order, invoice = await orders.get_order(tx, event.origin_id), await invoicing.get_invoice(tx, event.invoice_id)
        customer = await customers.get_customer(tx, event.customer_id)
        paper, reader = invoice.summary, Reader.of(customer.locale)
        values = {
            "order": order.number or "",
            "invoice": paper.number or "",
            "date": reader.day(business_date(now, self._settings.company_time_zone)),
            "net": reader.money(paper.net),
            "tax": reader.money(paper.tax),
            "total": reader.money(paper.total),
        }
        await self._to_customer(tx, customer, "receipt", str(paper.id), values, now=now)

    async def _paid(self, tx: Tx, event: invoicing.InvoicePaid, *, now: datetime) -> None:
        """The receipt of what was not ordered in the shop."""
        invoice, customer = await invoicing.get_invoice(tx, event.invoice_id), await customers.get_customer(tx, event.customer_id)
        paper, reader = invoice.summary, Reader.of(customer.locale)
        values = {
            "invoice": paper.number or "",
            "date": reader.day(business_date(now, self._settings.company_time_zone)),
            "total": reader.money(paper.total),
        }
        await self._to_customer(tx, customer, "invoice_paid", str(paper.id), values, now=now)

    async def confirm_to_deliver(self, tx: Tx, event: orders.OrderPaid, *, now: datetime) -> None:
        customer = await customers.get_customer(tx, event.customer_id)
        if not customer.email_verified:
            order = await orders.get_order(tx, event.order_id)
            await self._to_customer(tx, customer, "confirm_to_deliver", str(order.id), {"order": order.number or ""}, now=now)

    async def welcome(self, tx: Tx, event: orders.OrderCompleted, *, now: datetime) -> None:
        order = await orders.get_order(tx, event.order_id)
        customer = await customers.get_customer(tx, event.customer_id)
        reader = Reader.of(customer.locale)
        lines = [line for line in order.lines if line.state == "delivered"]
        hosted = [line for line in lines if line.kind == "hosting"]
        facts = [(reader.phrase("words", line.kind), described(line, reader)) for line in lines]
        what = what_is_ready([line.domain_name for line in lines], [line.plan_name for line in lines], else_=reader.phrase("words", "your_order"))
        link = ""
        for line in hosted[:1]:
            account = await hosting.account_for(tx, reference_type=LINE, reference_id=line.id)
            if account is not None:
                given = (("user_name", account.username), ("panel", account.panel_url))
                facts += [(reader.phrase("words", name), value) for name, value in given if value]
                link = f"{self._settings.portal_url}/welcome/{await hosting.issue_first_login(tx, account.id, now=now)}"
        values = {"order": order.number or "", "what": what}
        kind = welcome_for({line.kind for line in lines})
        await self._to_customer(tx, customer, kind, str(order.id), values, link=link, delivered=facts, now=now)

    async def held_up(self, tx: Tx, event: orders.LineHeldUp, *, now: datetime) -> None:
        await self._about_line(tx, event.line_id, "delivery_delayed", event.reason, now=now)

    async def name_refused(self, tx: Tx, event: orders.LineRefused, *, now: datetime) -> None:
        await self._about_line(tx, event.line_id, "name_refused", event.reason, now=now)

    async def delivery_overdue(self, tx: Tx, event: orders.DeliveryOverdue, *, now: datetime) -> None:
        order, customer = await orders.get_order(tx, event.order_id), await customers.get_customer(tx, event.customer_id)
        reader = Reader.of(customer.locale)
        late = ", ".join(described(line, reader) for line in order.lines if line.state not in ("delivered", "cancelled"))
        if order.state != "paid" or not late:
            return
        link = f"{self._settings.portal_url}/orders/{order.id}"
        await self._to_customer(tx, customer, "delivery_overdue", str(order.id), {"order": order.number or "", "what": late}, link=link, now=now)

    async def quota_reached(self, tx: Tx, event: licensing.QuotaReached, *, now: datetime) -> None:
        customer, found = await customers.get_customer(tx, event.customer_id), await licensing.get_license(tx, event.license_id)
        reader = Reader.of(customer.locale)
        values = {
            "key": found.key_hint,
            "plan": found.plan_name,
            "resource": reader.resource(event.resource),
            "threshold": f"{event.threshold} %",
            "share": f"{event.used * 100 // event.limit if event.limit else 100} %",
            "used": str(event.used),
            "limit": str(event.limit),
        }
        link = f"{self._settings.portal_url}/licenses/{event.license_id}"
        await self._to_customer(tx, customer, "quota_reached", str(event.alert_id), values, link=link, now=now)

    async def credit_note(self, tx: Tx, event: invoicing.CreditNoteIssued, *, now: datetime) -> None:
        invoice, customer = await invoicing.get_invoice(tx, event.invoice_id), await customers.get_customer(tx, event.customer_id)
        note = next(found for found in invoice.credit_notes if found.id == event.credit_note_id)
        reader = Reader.of(customer.locale)
        values = {
            "note": note.number,
            "invoice": invoice.summary.number or "",
            "date": reader.day(note.issued_on),
            "why": told(note.reason, reader.language),
            "net": reader.money(note.net),
            "tax": reader.money(note.tax),
            "total": reader.money(note.total),
        }
        await self._to_customer(tx, customer, "credit_note", str(note.id), values, now=now)

    async def invoice(self, tx: Tx, event: invoicing.InvoiceSendingRequested, *, now: datetime) -> None:
        """As often as staff asks for it, to the address for documents; with a link that pays it where something is due."""
        invoice, customer = await invoicing.get_invoice(tx, event.invoice_id), await customers.get_customer(tx, event.customer_id)
        paper, reader = invoice.summary, Reader.of(customer.locale)
        values = {
            "invoice": paper.number or "",
            "date": reader.day(paper.issued_on) if paper.issued_on else "",
            "due_on": reader.day(paper.due_on) if paper.due_on else "",
            "total": reader.money(paper.total),
            "due": reader.money(paper.owed),
        }
        link = ""
        if paper.owed and paper.state in ("open", "uncollectible"):
            link = self._pay_link(paper.id, now=now)
        kind = "invoice" if link else "invoice_settled"
        recipient = invoice.buyer.invoice_email or customer.email
        await self._send(tx, Letter(kind, f"{paper.id}:{now.isoformat()}", recipient, customer.id, reader.language, values, link), now=now)

    async def refunded(self, tx: Tx, event: payments.RefundSucceeded, *, now: datetime) -> None:
        customer = await customers.get_customer(tx, event.customer_id)
        refund = next(found for found in await payments.refunds_of(tx, event.attempt_id) if found.id == event.refund_id)
        reader = Reader.of(customer.locale)
        values = {"amount": reader.money(refund.amount), "why": told(refund.reason, reader.language)}
        await self._to_customer(tx, customer, "surplus_refunded" if event.surplus else "refunded", str(refund.id), values, now=now)

    async def tax_id_refuted(self, tx: Tx, event: tax.TaxIdRefuted, *, now: datetime) -> None:
        customer, known = await customers.get_customer(tx, event.customer_id), await tax.find_tax_id(tx, event.customer_id)
        if known is not None and known.state == "invalid":
            await self._to_customer(tx, customer, "tax_id_refuted", str(event.check_id), {"tax_id": known.tax_id}, now=now)

    async def staff_tax_task(self, tx: Tx, event: tax.TaxTaskOpened, *, now: datetime) -> None:
        customer = await customers.get_customer(tx, event.customer_id)
        what = self._house.phrase("staff", "tax_task", customer=customer.number)
        await self._to_staff(tx, f"{event.task_id}:opened", what, self._house.phrase("staff", event.kind), now=now)

    async def staff_held_up(self, tx: Tx, event: orders.LineHeldUp, *, now: datetime) -> None:
        line = await orders.get_line(tx, event.line_id)
        order = await orders.get_order(tx, line.order_id)
        what = self._house.phrase("staff", "order_line", order=order.number or "", line=described(line, self._house))
        why = self._house.why(event.reason) or event.reason.replace("_", " ")
        await self._to_staff(tx, f"{line.id}:{event.reason}", what, self._house.phrase("staff", "held_up", why=why), now=now)

    async def staff_quarantined(self, tx: Tx, event: payments.PaymentQuarantined, *, now: datetime) -> None:
        what = self._house.phrase("staff", "payment", id=str(event.attempt_id))
        why = self._house.phrase("staff", "quarantined", reason=event.reason)
        await self._to_staff(tx, f"{event.attempt_id}:quarantined", what, why, now=now)

    async def staff_refund_failed(self, tx: Tx, event: payments.RefundFailed, *, now: datetime) -> None:
        what = self._house.phrase("staff", "refund", id=str(event.refund_id))
        why = self._house.phrase("staff", "refund_failed", reason=event.reason)
        await self._to_staff(tx, f"{event.refund_id}:failed", what, why, now=now)

    async def staff_payment_parked(self, tx: Tx, event: payments.PaymentParked, *, now: datetime) -> None:
        what = self._house.phrase("staff", "payment", id=str(event.attempt_id))
        why = self._house.phrase("staff", "payment_parked", reason=event.reason)
        await self._to_staff(tx, f"{event.attempt_id}:parked", what, why, now=now)

    async def _about_line(self, tx: Tx, line_id: UUID, kind: str, reason: str, *, now: datetime) -> None:
        line = await orders.get_line(tx, line_id)
        order, customer = await orders.get_order(tx, line.order_id), await customers.get_customer(tx, line.customer_id)
        reader = Reader.of(customer.locale)
        why = reader.why(reason) or reader.phrase("why", "other")
        values = {"order": order.number or "", "what": described(line, reader), "name": line.domain_name or "", "why": why}
        await self._to_customer(tx, customer, kind, f"{line.id}:{line.domain_name}", values, now=now)
