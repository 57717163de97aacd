"""A shop's books without its web: a migrated database, customers, proformas, payments as the gateway would bring them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg

from nextbill.capabilities import customers, identity, invoicing, ledger, payments, tax
from nextbill.capabilities.invoicing.invariants import INVARIANTS as INVOICING
from nextbill.capabilities.invoicing.reactions import make_reactions
from nextbill.capabilities.ledger.invariants import INVARIANTS as LEDGER
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, Rounding
from nextbill.runtime import invariants
from nextbill.runtime.database import Database, Role, Tx, role_urls
from nextbill.runtime.events import Reactor, publish, wired_to
from nextbill.runtime.settings import Settings
from tests.support.databases import SECRET_KEY

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
TODAY = date(2026, 7, 1)
SELLER = invoicing.Seller("Example Hosting", "1 Example Street, 10115 Berlin, DE", "DE", "billing@example.com", "DE123456789")
BUYER = invoicing.Buyer(name="Ada Lovelace", email="ada@example.com", status="consumer", country="DE", city="Berlin")

RATES = {"EUR": 1_085_000, "JPY": 6_437, "KWD": 3_255_000}
"""US dollars for a million units."""


class StandingClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Trade:
    database: Database
    dsn: str

    def writing(self, customer_id: UUID | None = None) -> Any:
        return self.database.writing(Role.WORK if customer_id is None else Role.APP, customer_id=customer_id)

    async def customer(self) -> UUID:
        async with self.writing() as tx:
            address = f"{new_id()}@example.com"
            return await customers.register_customer(
                tx, email=address, password_hash=identity.PasswordHash("$2b$12$none"), name="Ada Lovelace", now=NOW
            )

    async def proforma(self, customer_id: UUID, *lines: invoicing.InvoiceLine, origin_id: UUID | None = None) -> UUID:
        """As a customer's own request makes it: by the role that sees one customer only."""
        async with self.writing(customer_id) as tx:
            return await invoicing.create_proforma(
                tx,
                customer_id=customer_id,
                origin_type="orders.order",
                origin_id=origin_id or new_id(),
                lines=lines or (line(9900), line(1499, product_class="domain")),
                buyer=BUYER,
                currency=(lines[0] if lines else line(1)).net.currency,
                now=NOW,
            )

    async def receive(self, tx: Tx, customer_id: UUID, amount: Money) -> None:
        """What payments books when the gateway says that money came."""
        entries = [ledger.Entry(ledger.Account.GATEWAY_CLEARING, amount), ledger.Entry(ledger.Account.CUSTOMER_CREDIT, -amount, customer_id)]
        await ledger.post(tx, journal=ledger.Journal("payments.attempt", new_id(), "Payment received", entries), on=TODAY, now=NOW)

    async def paid(self, customer_id: UUID, *lines: invoicing.InvoiceLine, on: date = TODAY) -> UUID:
        """A paid invoice, by way of a proforma."""
        proforma_id = await self.proforma(customer_id, *lines)
        async with self.writing() as tx:
            total = (await invoicing.get_proforma(tx, proforma_id)).total
            await self.receive(tx, customer_id, total)
            invoice_id = await invoicing.invoice_paid_proforma(tx, proforma_id, amount=total, seller=SELLER, on=on, now=NOW)
        assert invoice_id is not None
        return invoice_id

    async def issued(self, customer_id: UUID, *lines: invoicing.InvoiceLine) -> UUID:
        """An invoice that waits for its payment."""
        async with self.writing() as tx:
            return await invoicing.issue_invoice(
                tx,
                customer_id=customer_id,
                origin_type="orders.order",
                origin_id=new_id(),
                lines=lines or (line(9900),),
                buyer=BUYER,
                seller=SELLER,
                currency="USD",
                on=TODAY,
                due_on=date(2026, 7, 15),
                now=NOW,
            )

    async def invoice(self, invoice_id: UUID) -> invoicing.Invoice:
        async with self.database.reading(Role.WORK) as tx:
            return await invoicing.get_invoice(tx, invoice_id)

    async def balance(self, account: ledger.Account, customer_id: UUID | None = None) -> dict[str, int]:
        """By currency, without those at zero."""
        async with self.database.reading(Role.WORK) as tx:
            found = await ledger.balance(tx, account, customer_id=customer_id)
        return {currency: amount for currency, amount in found.items() if amount}

    async def violations(self) -> list[str]:
        findings = await invariants.check(self.database, StandingClock(), [*LEDGER, *INVOICING])
        return [line for finding in findings for line in finding.violations]

    async def react(self, event: payments.PaymentSucceeded) -> UUID:
        """Publishes, and runs what is wired to it, as the worker would. The event's id, to run it again with `again`."""
        async with self.writing() as tx:
            event_id = await publish(tx, event, now=NOW)
        await self.again(event_id, event)
        return event_id

    async def again(self, event_id: UUID, event: payments.PaymentSucceeded) -> None:
        reactor = Reactor(self.database, StandingClock(), make_reactions(seller=SELLER, time_zone="UTC"))
        payload = {"event_id": str(event_id), "event": event.name(), "reaction": "invoicing.invoice_payment", "payload": event.to_payload()}
        await reactor(payload, None)  # type: ignore[arg-type]  # the reactor looks at no context

    @contextmanager
    def sql(self, role: Role | None = None, *, customer_id: UUID | None = None) -> Iterator[psycopg.Connection[Any]]:
        """A bare connection by role, or as the owner: what someone with a stolen password could say. Committed at its end."""
        url = self.dsn if role is None else self.database.url(role).set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg.connect(url)) as connection:
            if customer_id is not None:
                connection.execute("select set_config('app.customer_id', %s, false)", (str(customer_id),))
            yield connection
            connection.commit()


@asynccontextmanager
async def open_trade(dsn: str) -> AsyncIterator[Trade]:
    settings = Settings(database_url=dsn, secret_key=SECRET_KEY, _env_file=None)
    database = Database(role_urls(settings), pool_size=10, reactions=wired_to(make_reactions(seller=SELLER, time_zone="UTC")))
    try:
        async with database.writing(Role.WORK) as tx:
            for currency, ppm in RATES.items():
                await ledger.set_rate(tx, currency=currency, day=date(2020, 1, 1), ppm=ppm, source="test", now=NOW)
        yield Trade(database, dsn)
    finally:
        await database.close()


def line(
    net: int,
    *,
    currency: str = "USD",
    product_class: str = "hosting",
    quantity: int = 1,
    rate_ppm: int = 0,
    period: Any = None,
    reference_id: UUID | None = None,
) -> invoicing.InvoiceLine:
    """`net` is of one piece."""
    unit = Money(net, currency)
    whole = unit * quantity
    note = "VAT" if rate_ppm else "No tax"
    taxed = tax.TaxedLine("1", whole, rate_ppm, whole.share(rate_ppm, 1_000_000, Rounding.HALF_UP), None, note, "S" if rate_ppm else "O")
    return invoicing.InvoiceLine("Something sold", product_class, quantity, unit, taxed, "orders.line", reference_id or new_id(), period)


def succeeded(customer_id: UUID, *, reference_type: str, reference_id: UUID, payable_id: UUID, amount: Money) -> payments.PaymentSucceeded:
    return payments.PaymentSucceeded(
        attempt_id=new_id(),
        payable_id=payable_id,
        customer_id=customer_id,
        reference_type=reference_type,
        reference_id=reference_id,
        amount_minor=amount.minor,
        currency=amount.currency,
    )
