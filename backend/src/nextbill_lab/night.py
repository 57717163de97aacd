"""A night's renewals in a private system: subscriptions that fall due today, a worker that bills them, and the questions that are asked afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from nextbill_lab.bench.database import settings_of
from nextbill_lab.system import SOURCES, System
from nextbill_lab.trouble import Missing

START_SECONDS = 60.0
BATCH = 50_000
PRICE = 1000
PLANS, STATES, TAX_PPM = 12, ("AZ", "CA", "FL", "IL", "NY", "OH", "TX", "WA"), 62_500
"""So many plans, the next one a dollar dearer, and customers of so many states with a sales tax each: what a night sells is neither all alike nor all different."""
FIRST_CUSTOMER = "01900000-0000-7000-9000-000000000001"
_SHORTEST_MONTH = 28
ASIDE = ("subscriptions.look_ahead", "runtime.check_invariants")
"""Hourly looks at the same rows for other ends: they have just been, so that what is measured is the run."""
RUN = "renewal.due"
HOLD = "insert into runtime_tick (name, fired_at) select unnest(%s::text[]), clock_timestamp() on conflict (name) do update set fired_at = excluded.fired_at"
"""A tick that has just been does not come for a while."""
# By the owner, who looks away from triggers and keys: the first period counts as billed without its invoice. One subscription a customer, as most have.
_PEOPLE = "('01900000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid"
_KEPT = "('01900000-0000-7000-b000-' || lpad(to_hex(n), 12, '0'))::uuid"
_PLAN = "('01900000-0000-7000-e000-' || lpad(to_hex(n %% %(plans)s), 12, '0'))::uuid"
_COSTS = "%(price)s + 100 * (n %% %(plans)s)"
_ROWS = "from generate_series(%(first)s::bigint, %(last)s::bigint) n"
FILL = (
    (
        "insert into customers_customer (id, number, name, status, locale, line_1, line_2, city, state, postal_code, country, created_at, changed_at) "
        f"select {_PEOPLE}, 'NIGHT-' || n, 'Customer ' || n, 'consumer', 'en', n || ' Main Street', '', 'Springfield', (%(states)s::text[])[1 + n %% %(places)s], "
        f"'62701', 'US', now(), now() {_ROWS}"
    ),
    (
        "insert into identity_login (id, email, password_hash, role, customer_id, verified_at, created_at) "
        f"select ('01900000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, 'night' || n || '@example.com', 'none', 'customer', {_PEOPLE}, now(), now() {_ROWS}"
    ),
    (
        "insert into subscriptions_subscription (id, customer_id, order_line_id, state, plan_id, plan_code, plan_name, product_class, price_version, price_minor, "
        "currency, cycle_unit, cycle_count, limits, features, anchor_on, period_index, period_start, period_end, next_due_on, days_ahead, next_bill_on, "
        f"billed_index, created_at, started_at) select {_KEPT}, {_PEOPLE}, ('01900000-0000-7000-c000-' || lpad(to_hex(n), 12, '0'))::uuid, 'active', "
        f"{_PLAN}, 'night', 'Night ' || n %% %(plans)s, 'hosting', 1, {_COSTS}, 'USD', 'month', 1, '{{\"accounts\": 5, \"domains\": 10}}', '[]', "
        f"%(begun)s, 0, %(begun)s, %(ends)s, %(ends)s, %(ahead)s, %(today)s, 0, now(), now() {_ROWS}"
    ),
    (
        "insert into subscriptions_item (id, subscription_id, customer_id, position, kind, product_id, code, name, quantity, unit_minor, currency, price_version, "
        f"billing, created_at) select ('01900000-0000-7000-d000-' || lpad(to_hex(n), 12, '0'))::uuid, {_KEPT}, {_PEOPLE}, 0, 'plan', {_PLAN}, 'night', "
        f"'Night ' || n %% %(plans)s, 1, {_COSTS}, 'USD', 1, 'each_period', now() {_ROWS}"
    ),
    (
        "insert into subscriptions_period (subscription_id, period_index, customer_id, period_start, period_end, created_at) "
        f"select {_KEPT}, 0, {_PEOPLE}, %(begun)s, %(ends)s, now() {_ROWS}"
    ),
)
RULE = (
    "insert into tax_rule (id, country, state, buyer, rate_ppm, name, valid_from, category, version, created_at) "
    "select gen_random_uuid(), 'US', %(state)s, 'any', %(ppm)s, 'Sales tax', date '2000-01-01', 'S', 1000, now()"
)
# A row a page, as many as there are buffers.
WARM = (
    "create unlogged table night_warmth (page text storage plain)",
    "insert into night_warmth select repeat('x', 7000) from generate_series(1, (select setting::int from pg_settings where name = 'shared_buffers'))",
    "drop table night_warmth",
)
QUESTIONS = {
    "each (subscription, period) is on one living line": (
        "select count(*) from (select reference_id, period_start from invoicing_invoice_line where reference_type = 'subscriptions.subscription' and not voided "
        "group by 1, 2 having count(*) <> 1) twice"
    ),
    "every subscription is billed for its next period": "select count(*) from subscriptions_subscription where plan_code = 'night' and billed_index <> 1",
    "nothing is left due": (
        "select count(*) from subscriptions_subscription where plan_code = 'night' and state in ('trialing','active','past_due') and next_bill_on <= %(today)s"
    ),
    "nothing was set aside": "select count(*) from subscriptions_subscription where plan_code = 'night' and billing_error is not null",
    "numbers are gapless": (
        "select coalesce(sum(abs(c.last - n.count)), 0) from invoicing_counter c join (select series, count(*) from invoicing_invoice "
        "where series is not null group by series) n on n.series = c.series"
    ),
    "the books balance": "select count(*) from (select currency from ledger_entry group by currency having sum(amount_minor) <> 0 or sum(home_minor) <> 0) off",
    "each invoice has its journal": (
        "select count(*) from invoicing_invoice i where i.origin_type = 'subscriptions.run' and not exists (select from ledger_journal j "
        "where j.reference_type = 'invoicing.invoice' and j.reference_id = i.id and j.kind = 'issue')"
    ),
    "each invoice is on the schedule of charges": (
        "select count(*) from invoicing_invoice i where i.origin_type = 'subscriptions.run' "
        "and not exists (select from payments_collection c where c.payable_id = i.payable_id)"
    ),
    "what is owed is what was invoiced": (
        "select abs((select coalesce(sum(total_minor), 0) from invoicing_invoice where origin_type = 'subscriptions.run') - "
        "(select coalesce(sum(e.amount_minor), 0) from ledger_entry e join ledger_journal j on j.id = e.journal_id join invoicing_invoice i "
        "on i.id = j.reference_id where e.account = 'receivable' and i.origin_type = 'subscriptions.run'))"
    ),
    "the run's history tells of all of it": (
        "select abs((select coalesce(sum(lines), 0) from subscriptions_run_chunk) - (select count(*) from subscriptions_period where chunk_id is not null))"
    ),
}
"""A promise → how many things are wrong with it."""


class Night:
    """`count` subscriptions so far, all due today, by UTC."""

    def __init__(self, system: System) -> None:
        self._system, self.count = system, 0
        self._looker: psycopg.Connection[Any] | None = None
        self.today = datetime.now(UTC).date()

    def fill(self, more: int, *, by_itself: bool = True) -> None:
        """`by_itself`: the run then begins as it does at night; else once staff orders it."""
        begun, ends = _month_before(self.today)
        values = {"begun": begun, "ends": ends, "ahead": (ends - self.today).days, "today": self.today, "price": PRICE}
        values |= {"plans": PLANS, "states": list(STATES), "places": len(STATES)}
        with self.owner() as owner:
            owner.execute(HOLD, [[RUN]])
            owner.execute("set session_replication_role = replica")
            for first in range(self.count + 1, self.count + more + 1, BATCH):
                for statement in FILL:
                    owner.execute(statement, values | {"first": first, "last": min(first + BATCH - 1, self.count + more)})
            for state in STATES if not self.count else ():
                owner.execute(RULE, {"state": state, "ppm": TAX_PPM})
            owner.execute("delete from tax_policy")  # the VAT book follows by jobs of its own: it is not what is measured
            owner.execute(HOLD, [[*ASIDE, RUN]])
            owner.execute("vacuum (analyze)")
            self.write_out()
            if by_itself:
                owner.execute("delete from runtime_tick where name = %s", [RUN])
        self.count += more

    def warm(self) -> None:
        """Every buffer is used once, as on a server that has been up for a day: the first time the machine has to find memory for it."""
        with self.owner() as owner:
            for statement in WARM:
                owner.execute(statement)

    def write_out(self) -> None:
        """All that is in the buffers only."""
        with self.owner() as owner:
            owner.execute("checkpoint")

    def wrong(self) -> list[str]:
        """What was promised and is not so."""
        with self.owner() as owner:
            found = {promise: owner.execute(question, {"today": self.today}).fetchone() for promise, question in QUESTIONS.items()}
            billed = owner.execute("select count(*), sum(total_minor) from invoicing_invoice where origin_type = 'subscriptions.run'").fetchone()
        wrong = [f"{promise}: {row[0]} are wrong" for promise, row in found.items() if row and row[0]]
        gross = sum(_gross(n) for n in range(1, self.count + 1))
        if billed != (self.count, gross):
            wrong.append(f"{self.count} invoices of {gross} together were due, the database says {billed}")
        return wrong

    def billed(self) -> int:
        return int(self.one("select coalesce(sum(lines), 0) from subscriptions_run_chunk"))

    def under_way(self) -> bool:
        return bool(self.one("select count(*) from subscriptions_run where state = 'running'"))

    def done(self) -> bool:
        return self.billed() >= self.count and not self.under_way()

    def one(self, statement: str) -> Any:
        """On one connection for all of them: a new one for each look costs the database more than what it is asked."""
        if self._looker is None or self._looker.closed:
            self._looker = self.owner()
        row = self._looker.execute(statement).fetchone()
        return row[0] if row else None

    def owner(self) -> psycopg.Connection[Any]:
        return psycopg.connect(settings_of(self._system)["DATABASE_URL"].replace("+psycopg", ""), autocommit=True)


class Biller:
    """A worker as a process of ours: its whole group is killed at once."""

    def __init__(self, system: System, name: str) -> None:
        if system.data is None:
            raise Missing("the system's data folder is not known")
        self._log: Path = system.data / "logs" / f"{name}.log"
        self._from = self._log.stat().st_size if self._log.exists() else 0
        environment = os.environ | settings_of(system) | {"PYTHONPATH": str(SOURCES), "PYTHONUNBUFFERED": "1", "METRICS_PORT": "0"}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "nextbill", "worker"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=system.data
            )

    @property
    def at_work(self) -> bool:
        with self._log.open("rb") as log:
            log.seek(self._from)
            return b"worker started" in log.read()

    def await_work(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.at_work:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Missing("the worker did not start", where=str(self._log))
            time.sleep(0.01)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


def _gross(n: int) -> int:
    """What the n-th pays: its plan's price and the tax on it, half up."""
    price = PRICE + 100 * (n % PLANS)
    return price + (2 * price * TAX_PPM + 1_000_000) // 2_000_000


def _month_before(today: date) -> tuple[date, date]:
    """A month that ends within the next days, on a day that every month has."""
    ends = next(day for day in (today + timedelta(days=more) for more in range(1, 8)) if day.day <= _SHORTEST_MONTH)
    last = ends.replace(day=1) - timedelta(days=1)
    return last.replace(day=ends.day), ends
