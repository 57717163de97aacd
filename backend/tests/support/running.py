"""The billing run over a keeper's subscriptions: its jobs and ticks in this process, in order, by a worker that drains them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from nextbill.capabilities import subscriptions
from nextbill.processes.changes.jobs import ChangeJobs
from nextbill.processes.renewal.commands import Issuer
from nextbill.processes.renewal.jobs import Renewal
from nextbill.runtime.database import Role, Tx
from nextbill.runtime.worker import Worker
from tests.support.keeping import Keeper, open_keeper
from tests.support.trade import SELLER


@dataclass
class KeptClock:
    """Noon of the keeper's day."""

    keeper: Keeper

    def now(self) -> datetime:
        return self.keeper.now


@dataclass
class Running:
    keeper: Keeper
    live: bool = False
    brake: int | None = None
    issuer: Issuer = Issuer(SELLER, "UTC")
    worker: Worker = field(init=False)
    renewal: Renewal = field(init=False)

    def __post_init__(self) -> None:
        database = self.keeper.trade.database
        changes = ChangeJobs(database, "UTC")
        self.renewal = Renewal(database, seller=self.issuer.seller, zone=self.issuer.zone, before=changes.find_due, live=self.live, brake=self.brake)
        handlers = {**changes.handlers(), **self.renewal.handlers()}
        ticks = [*changes.ticks(), *self.renewal.ticks()]
        self.worker = Worker(database, KeptClock(self.keeper), handlers, ticks, heartbeat=timedelta(seconds=30))

    async def night(self, *, tick: bool = True) -> int:
        """The ticks fire and everything that follows is done. How many jobs ran."""
        return await self.worker.drain(patience=timedelta(), tick=tick)

    async def until(self, day: date) -> None:
        """Every night up to that day."""
        while self.keeper.today < day:
            self.keeper.today += timedelta(days=1)
            await self.night()

    async def start(self, **facts: Any) -> UUID:
        async with self.keeper.trade.writing() as tx:
            return await subscriptions.start_run(tx, on=self.keeper.today, by="staff:test", now=self.keeper.now, **facts)

    async def runs(self) -> list[subscriptions.Run]:
        """Oldest first."""
        async with self.keeper.trade.database.reading(Role.WORK) as tx:
            ids = (await tx.execute(text("select id from subscriptions_run order by id"))).scalars().all()
            found = [await subscriptions.find_run(tx, id_) for id_ in ids]
        return [run for run in found if run is not None]

    async def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        async with self.keeper.trade.database.reading(Role.WORK) as tx:
            return [dict(row) for row in (await tx.execute(text(statement), values)).mappings()]

    async def one(self, statement: str, **values: Any) -> Any:
        return next(iter((await self.rows(statement, **values))[0].values()))

    async def sql(self, statement: str, **values: Any) -> None:
        async with self.keeper.trade.writing() as tx:
            await tx.execute(text(statement), values)


@asynccontextmanager
async def open_running(dsn: str) -> AsyncIterator[Running]:
    async with open_keeper(dsn) as keeper:
        yield Running(keeper)


async def document_rows(tx: Tx) -> dict[str, list[tuple[Any, ...]]]:
    """All that a document is made of, without ids and moments: for comparing two ways of writing it."""
    invoice = (
        "customer_id, state, series, sequence, number, origin_type, origin_id, due_minor, paid_minor, credited_minor, taken_off_minor, written_off_minor, "
        "buyer::text, coalesce(i.seller, f.seller)::text, buyer_reference, order_number, notes, terms_days, issued_on, due_on, issued_at, currency, net_minor, tax_minor, total_minor"
    )
    line = (
        "i.number, l.customer_id, l.position, l.description, l.product_class, l.quantity, l.unit_net_minor, l.discount_minor, l.discount_note, l.tax_rate_ppm, "
        "l.tax_note, l.tax_rule_id, l.tax_category, l.tax_exemption_code, (coalesce(f.details -> (l.position - 1), '{}') || l.details)::text, l.reference_type, l.reference_id, l.period_start, l.period_end, "
        "l.currency, l.net_minor, l.tax_minor, l.total_minor, l.voided"
    )
    form = "left join invoicing_form f on f.id = i.form_id"
    statements = {
        "invoices": f"select {invoice} from invoicing_invoice i {form} order by number",
        "lines": f"select {line} from invoicing_invoice_line l join invoicing_invoice i on i.id = l.invoice_id {form} order by i.number, l.position",
        "books": "select i.number, j.kind, j.description, j.booked_on, e.account, e.amount_minor, e.currency, e.customer_id, e.home_minor, e.home_currency, "
        "e.home_rate_ppm, e.product from ledger_entry e join ledger_journal j on j.id = e.journal_id join invoicing_invoice i on i.id = j.reference_id "
        "where j.reference_type = 'invoicing.invoice' order by i.number, e.account, e.amount_minor",
        "payables": "select i.number, p.customer_id, p.amount_minor, p.currency, p.description, p.state, p.reduced_minor, p.reference_type "
        "from payments_payable p join invoicing_invoice i on i.payable_id = p.id and p.reference_id = i.id order by i.number",
    }
    return {name: [tuple(row) for row in await tx.execute(text(statement))] for name, statement in statements.items()}
