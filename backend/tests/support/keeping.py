"""Subscriptions without web and vendors: a day that is moved by hand, customers who bought a plan, and a naive billing run of this file's own, one
subscription after the other, that stops at every day on which something is due."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import text

from nextbill.capabilities import catalog, customers, identity, invoicing, ledger, licensing, subscriptions, tax
from nextbill.capabilities.catalog import Edit
from nextbill.capabilities.customers import Address
from nextbill.capabilities.invoicing.invariants import INVARIANTS as INVOICING
from nextbill.capabilities.ledger.invariants import INVARIANTS as LEDGER
from nextbill.capabilities.subscriptions.invariants import INVARIANTS as SUBSCRIPTIONS
from nextbill.capabilities.subscriptions.rules import Schedule
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, Rounding, total
from nextbill.kernel.period import Cycle, Period
from nextbill.runtime import invariants
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Role, Tx
from tests.support.databases import SECRET_KEY
from tests.support.trade import SELLER, Trade, open_trade

MONTH, YEAR = Cycle("month"), Cycle("year")
STAFF = Edit("staff:test", "for a case")
ME = subscriptions.By("customer:test")
HOME = Address("1 Main Street", "", "Springfield", "IL", "62701", "US")
LAST = "least(next_bill_on, period_end, cancel_on, change_on, resume_on)"


@dataclass
class Standing:
    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Keeper:
    trade: Trade
    today: date = date(2027, 1, 1)
    pays: bool = True
    address: Address = HOME
    rate_ppm: int = 0
    plans: dict[str, UUID] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(12), UTC)

    async def sells(self, code: str, *prices: tuple[Cycle, Money], kind: Any = "hosting", setup: int = 0, **facts: Any) -> UUID:
        async with self.trade.writing() as tx:
            changes = {"state": "on_sale", **facts}
            plan_id = await catalog.create_plan(tx, code=code, kind=kind, name=code.title(), changes=changes, edit=STAFF, now=self.now)
            self.plans[code] = plan_id
            for cycle, price in prices:
                await self._price(tx, plan_id, cycle, price, setup=setup)
        return plan_id

    async def reprices(self, code: str, cycle: Cycle, price: Money) -> catalog.PriceVersion:
        async with self.trade.writing() as tx:
            await self._price(tx, self.plans[code], cycle, price)
            versions = await catalog.plan_prices(tx, self.plans[code])
            return max((one for one in versions if one.cycle == cycle and one.price.currency == price.currency), key=lambda one: one.version)

    async def _price(self, tx: Tx, plan_id: UUID, cycle: Cycle, price: Money, *, setup: int = 0) -> None:
        new = catalog.NewPrice(cycle, price, Money(setup, price.currency))
        await catalog.add_plan_price(tx, plan_id, price=new, valid_from=self.today, today=self.today, edit=STAFF, now=self.now)

    async def customer(self) -> UUID:
        async with self.trade.writing() as tx:
            password = identity.PasswordHash("$2b$12$none")
            return await customers.register_customer(
                tx, email=f"{new_id()}@example.com", password_hash=password, name="Ada Lovelace", address=self.address, now=self.now
            )

    async def keeps(
        self,
        code: str,
        cycle: Cycle = MONTH,
        *,
        currency: str = "USD",
        customer_id: UUID | None = None,
        quantity: int = 1,
        addons: Sequence[tuple[str, int]] = (),
        trial_days: int = 0,
        coupon: Mapping[str, Any] | None = None,
        once: int = 0,
    ) -> UUID:
        """A customer bought it, it was paid and is delivered today. `coupon`: percent_ppm or amount_minor, and until_index. `once`: charged after the trial."""
        customer_id = customer_id or await self.customer()
        line_id = new_id()
        async with self.trade.writing() as tx:
            offer, items = await self._chosen(tx, code, cycle, currency, quantity, addons, once)
            offer = catalog.PlanOffer(
                offer.plan_id, offer.plan_code, offer.plan_name, offer.price_version, total([one.price for one in items if one.billing == "each_period"], currency),
                cycle, offer.limits, offer.features, offer.product_class, offer.price_id, trial_days=trial_days,
            )  # fmt: skip
            subscription_id = await subscriptions.create_subscription(
                tx, customer_id=customer_id, order_line_id=line_id, plan=offer, items=items, now=self.now
            )
            await self._coupon(tx, subscription_id, customer_id, currency, coupon)
            discount = await subscriptions.discount_of(tx, subscription_id)
        invoice_id = None
        if not trial_days:
            paid = total([one.net for one in subscriptions.charges(items, plan_code=code, discount=discount, index=0)], currency)
            invoice_id = await self.trade.paid(customer_id, self._line(paid, "orders.line", line_id), on=self.today) if paid else None
        async with self.trade.writing() as tx:
            await subscriptions.start_period(tx, subscription_id=subscription_id, on=self.today, now=self.now, invoice_id=invoice_id)
        return subscription_id

    async def _chosen(
        self, tx: Tx, code: str, cycle: Cycle, currency: str, quantity: int, addons: Sequence[tuple[str, int]], once: int
    ) -> tuple[catalog.PlanOffer, list[subscriptions.Item]]:
        kind = (await self._row(tx, "select kind from catalog_plan where code = :code", code=code))["kind"]
        offer = await catalog.price_plan(tx, plan_code=code, cycle=cycle, currency=currency, on=self.today, kind=kind)
        main = "product" if kind == "product" else "plan"
        items = [subscriptions.Item(main, offer.plan_id, code, offer.plan_name, quantity, offer.price, offer.price_id, offer.price_version)]
        wanted = [catalog.AddonChoice(name, count) for name, count in addons]
        extras, _options = await catalog.price_extras(tx, plan=offer, addons=wanted, options=[], on=self.today) if wanted else ([], [])
        items += [
            subscriptions.Item(one.kind, one.product_id, one.code, one.name, one.quantity, one.price, one.price_id, one.price_version)
            for one in extras
        ]
        if once:
            items.append(subscriptions.Item("setup", offer.plan_id, code, "Setup", 1, Money(once, currency), None, 1, "first_period"))
        return offer, items

    async def _coupon(self, tx: Tx, subscription_id: UUID, customer_id: UUID, currency: str, coupon: Mapping[str, Any] | None) -> None:
        if coupon is None:
            return
        values = {"percent_ppm": None, "amount_minor": None, "until_index": None, **coupon}
        await tx.execute(
            text(
                "insert into subscriptions_discount (subscription_id, customer_id, redemption_id, code, percent_ppm, amount_minor, currency, plan_codes, "
                "until_index, created_at) values (:id, :customer, :id, 'TEST', :percent_ppm, :amount_minor, :currency, '[]', :until_index, :now)"
            ),
            {"id": subscription_id, "customer": customer_id, "currency": currency, "now": self.now, **values},
        )

    def _line(self, net: Money, kind: str, reference_id: UUID, period: Period | None = None) -> invoicing.InvoiceLine:
        taxed = tax.TaxedLine(
            "1", net, self.rate_ppm, net.share(self.rate_ppm, tax.PPM, Rounding.HALF_UP), None, "VAT" if self.rate_ppm else "No tax",
            "S" if self.rate_ppm else "O",
        )  # fmt: skip
        return invoicing.InvoiceLine("A period", "hosting", 1, net, taxed, kind, reference_id, period)

    async def uses(self, subscription_id: UUID, **counts: int) -> None:
        """A license with the subscription's limits, of which so much is in use."""
        cipher = FieldCipher.from_setting(None, SECRET_KEY)
        found = await self.look(subscription_id)
        async with self.trade.writing() as tx:
            license_id = await licensing.issue_license(
                tx, customer_id=found.customer_id, reference_type="orders.line", reference_id=found.order_line_id, plan_code=found.plan_code,
                plan_name=found.plan_name, limits=found.limits, features=found.features, expires_at=None, cipher=cipher,
                keys=licensing.LicenseKeys.from_secret(SECRET_KEY), now=self.now,
            )  # fmt: skip
            for resource, used in counts.items():
                await tx.execute(
                    text("update licensing_quota set used_count = :used where license_id = :id and resource = :resource"),
                    {"used": used, "id": license_id, "resource": resource},
                )

    async def look(self, subscription_id: UUID) -> subscriptions.Subscription:
        async with self.trade.database.reading(Role.WORK) as tx:
            return await subscriptions.get_subscription(tx, subscription_id)

    async def preview(self, subscription_id: UUID, *, at_once: bool = False, **wish: Any) -> Any:
        async with self.trade.database.reading(Role.WORK) as tx:
            return await subscriptions.preview_change(tx, subscription_id, _wish(wish), today=self.today, at_once=at_once)

    async def change(self, subscription_id: UUID, *, at_once: bool = False, quote: str | None = None, **wish: Any) -> subscriptions.Change:
        async with self.trade.writing() as tx:
            change_id = await subscriptions.request_change(
                tx, subscription_id, _wish(wish), by=ME, today=self.today, now=self.now, at_once=at_once, quote=quote
            )
        return await self.change_of(change_id)

    async def change_of(self, change_id: UUID) -> subscriptions.Change:
        async with self.trade.database.reading(Role.WORK) as tx:
            return await subscriptions.get_change(tx, change_id)

    async def pay(self, change: subscriptions.Change) -> subscriptions.Change:
        """The customer pays the change's proforma; what the payment sets off has happened."""
        assert change.proforma_id is not None, change.state
        async with self.trade.writing() as tx:
            asked = (await invoicing.get_proforma(tx, change.proforma_id)).total
            await self.trade.receive(tx, change.customer_id, asked)
            invoice_id = await invoicing.invoice_paid_proforma(tx, change.proforma_id, amount=asked, seller=SELLER, on=self.today, now=self.now)
            assert invoice_id is not None
            await subscriptions.apply_paid_change(tx, change.id, invoice_id=invoice_id, on=self.today, now=self.now)
        return await self.change_of(change.id)

    async def until(self, day: date) -> None:
        """The days pass; on each of them what is due happens."""
        while (due := await self._next_due()) is not None and due <= day:
            self.today = max(due, self.today)
            await self.run()
        self.today = day

    async def _next_due(self) -> date | None:
        living = "state in ('trialing','active','past_due','paused')"
        async with self.trade.database.reading(Role.WORK) as tx:
            found = f"select min(case when state = 'paused' then resume_on else {LAST} end) as day from subscriptions_subscription where {living}"
            return (await self._row(tx, found))["day"]

    async def run(self) -> None:
        """Changes, ends and pauses of the day, then invoices, then periods begin."""
        async with self.trade.writing() as tx:
            for change_id in await subscriptions.due_changes(tx, on=self.today, limit=100):
                await subscriptions.settle_change(tx, change_id, on=self.today, now=self.now)
            for ended in await subscriptions.due_to_end(tx, on=self.today, limit=100):
                await subscriptions.end_due(tx, ended, on=self.today, now=self.now)
            for rested in await subscriptions.due_to_resume(tx, on=self.today, limit=100):
                await subscriptions.resume_due(tx, rested, on=self.today, now=self.now)
        billed = True
        while billed:
            async with self.trade.writing() as tx:
                rows = await tx.execute(
                    text(
                        "select id from subscriptions_subscription where state in ('trialing','active','past_due') and billing_error is null "
                        "and next_bill_on <= :on and (change_on is null or change_on > :on) order by next_bill_on, id"
                    ),
                    {"on": self.today},
                )
                due = [row.id for row in rows]
            billed = bool(due)
            for subscription_id in due:
                await self._bill(subscription_id)
        async with self.trade.writing() as tx:
            await subscriptions.roll_due(tx, on=self.today)

    async def _bill(self, subscription_id: UUID) -> None:
        async with self.trade.writing() as tx:
            found = await subscriptions.get_subscription(tx, subscription_id)
            schedule = found.schedule
            index = schedule.next_index
            period = schedule.nth(index)
            items = found.items if index == 0 else subscriptions.each_period(found.items)
            discount = await subscriptions.discount_of(tx, subscription_id)
            net = total(
                [one.net for one in subscriptions.charges(items, plan_code=found.plan_code, discount=discount, index=index)], found.price.currency
            )
            invoice_id = None
            if net:
                line = self._line(net, subscriptions.SUBSCRIPTION, subscription_id, period)
                invoice_id = await invoicing.issue_invoice(
                    tx, customer_id=found.customer_id, origin_type=subscriptions.SUBSCRIPTION, origin_id=subscription_id, lines=[line],
                    buyer=invoicing.buyer_of(await customers.get_customer(tx, found.customer_id)), seller=SELLER, currency=net.currency, on=self.today,
                    due_on=max(period.start, self.today), now=self.now,
                )  # fmt: skip
            await self._note_period(tx, found, schedule, index, invoice_id)
            if invoice_id is not None and self.pays:
                gross = (await invoicing.get_invoice(tx, invoice_id)).summary.total
                await self.trade.receive(tx, found.customer_id, gross)
                await invoicing.pay_invoice(tx, invoice_id, amount=gross, on=self.today, now=self.now)

    async def _note_period(self, tx: Tx, found: subscriptions.Subscription, schedule: Schedule, index: int, invoice_id: UUID | None) -> None:
        period = schedule.nth(index)
        after = Schedule(
            schedule.cycle, schedule.anchor_on, schedule.anchor_index, schedule.index, schedule.period, index, schedule.days_ahead, schedule.change_on
        )
        await tx.execute(
            text(
                "insert into subscriptions_period (subscription_id, customer_id, period_index, period_start, period_end, invoice_id, created_at) "
                "values (:id, :customer, :index, :start, :end, :invoice, :now)"
            ),
            {
                "id": found.id,
                "customer": found.customer_id,
                "index": index,
                "start": period.start,
                "end": period.end,
                "invoice": invoice_id,
                "now": self.now,
            },
        )
        await tx.execute(
            text("update subscriptions_subscription set billed_index = :index, next_bill_on = :next where id = :id"),
            {"index": index, "next": after.next_bill_on, "id": found.id},
        )

    async def billed(self, subscription_id: UUID) -> list[str]:
        """Renewals that stand: `day: from..until amount`."""
        async with self.trade.database.reading(Role.WORK) as tx:
            rows = await tx.execute(
                text(
                    "select i.issued_on, l.period_start, l.period_end, l.net_minor from invoicing_invoice_line l join invoicing_invoice i on i.id = l.invoice_id "
                    "where l.reference_type = 'subscriptions.subscription' and l.reference_id = :id and not l.voided order by l.period_start"
                ),
                {"id": subscription_id},
            )
            return [f"{row.issued_on:%m-%d}: {row.period_start:%m-%d}..{row.period_end:%m-%d} {row.net_minor}" for row in rows]

    async def credit(self, subscription_id: UUID) -> int:
        """What stands to the customer's credit, in minor units."""
        found = await self.look(subscription_id)
        balance = await self.trade.balance(ledger.Account.CUSTOMER_CREDIT, found.customer_id)
        return -balance.get(found.price.currency, 0)

    async def notes(self, subscription_id: UUID) -> list[int]:
        """Net of the customer's credit notes, oldest first."""
        found = await self.look(subscription_id)
        async with self.trade.database.reading(Role.WORK) as tx:
            rows = await tx.execute(
                text("select net_minor from invoicing_credit_note where customer_id = :id order by id"), {"id": found.customer_id}
            )
            return [row.net_minor for row in rows]

    async def history(self, subscription_id: UUID) -> list[str]:
        async with self.trade.database.reading(Role.WORK) as tx:
            rows = await tx.execute(text("select kind from subscriptions_history where subscription_id = :id order by id"), {"id": subscription_id})
            return [row.kind for row in rows]

    async def violations(self) -> list[str]:
        findings = await invariants.check(self.trade.database, Standing(self.now), [*LEDGER, *INVOICING, *SUBSCRIPTIONS])
        return [f"{finding.invariant}: {line}" for finding in findings for line in finding.violations]

    @staticmethod
    async def _row(tx: Any, statement: str, **values: Any) -> dict[str, Any]:
        return dict((await tx.execute(text(statement), values)).mappings().one())


def _wish(wish: Mapping[str, Any]) -> subscriptions.Wish:
    addons = [catalog.AddonChoice(name, count) for name, count in wish["addons"]] if "addons" in wish else None
    return subscriptions.Wish(wish.get("plan"), wish.get("cycle"), wish.get("quantity"), addons, None)


@asynccontextmanager
async def open_keeper(dsn: str) -> AsyncIterator[Keeper]:
    """On 1 January 2027: small 10, medium 30, large 90 dollars a month, ten months' price a year; a product by pieces; an add-on."""
    async with open_trade(dsn) as trade:
        keeper = Keeper(trade)
        backups = {"limits": {"backups": 10}, "features": ["hourly"]}
        await keeper.sells("backups", (MONTH, Money(500, "USD")), (YEAR, Money(5000, "USD")), kind="addon", **backups)
        for code, price, domains in (("small", 1000, 3), ("medium", 3000, 10), ("large", 9000, None)):
            limits = {"limits": {"domains": domains, "accounts": 1}, "addons": ["backups"]}
            await keeper.sells(code, (MONTH, Money(price, "USD")), (YEAR, Money(price * 10, "USD")), **limits)
        await keeper.sells("seat", (MONTH, Money(700, "USD")), kind="product")
        yield keeper
