"""Drafts, issues, payments, credits, write-offs in any order, on real PostgreSQL. After each step the books balance, and what documents and
accounts say is what a second, naive bookkeeping of this file says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule, run_state_machine_as_test

from nextbill.capabilities import customers, invoicing, payments, tax
from nextbill.capabilities.customers import Address
from nextbill.kernel.errors import Problem
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from tests.support.databases import fresh_database
from tests.support.trade import BUYER, NOW, SELLER, TODAY, Trade, line, open_trade

VAT = 190_000
CURRENCIES = ("USD", "JPY", "KWD")
amounts = st.integers(0, 300_000)


@dataclass
class Sold:
    """A line as this file keeps it."""

    net: int
    tax: int
    rate: int
    left_net: int = 0
    left_tax: int = 0

    def __post_init__(self) -> None:
        self.left_net, self.left_tax = self.net, self.tax

    @property
    def left(self) -> int:
        return self.left_net + self.left_tax


@dataclass
class Paper:
    id: UUID
    currency: str
    lines: list[Sold]
    state: str = "open"
    paid: int = 0
    due: int = 0
    lost: int = 0
    credited: int = 0
    revenue: str = ""

    @property
    def total(self) -> int:
        return sum(one.net + one.tax for one in self.lines)

    @property
    def owed(self) -> int:
        return self.due + self.lost


@dataclass
class Books:
    """Single entry, as one would on paper: what each account should stand at, by currency."""

    accounts: Counter[tuple[str, str]] = field(default_factory=Counter)
    credit: Counter[str] = field(default_factory=Counter)

    def put(self, account: str, currency: str, amount: int) -> None:
        self.accounts[account, currency] += amount


def rounded(exact: Fraction) -> int:
    """Half up, of what is not below zero."""
    return int(exact + Fraction(1, 2))


@asynccontextmanager
async def books(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as trade:
        async with trade.writing() as tx:
            await tax.add_rule(tx, country="DE", rate_ppm=VAT, name="VAT 19 %", valid_from=date(2020, 1, 1), now=NOW)
        yield trade


class Bookkeeping(RuleBasedStateMachine):
    """One customer of a shop that many others have used before."""

    trade: ClassVar[Trade]
    run: ClassVar[Callable[[Any], Any]]
    drafts: Bundle[Paper] = Bundle("drafts")
    papers: Bundle[Paper] = Bundle("papers")

    def __init__(self) -> None:
        super().__init__()
        self.kept, self.known, self.base = Books(), list[Paper](), Counter[tuple[str, str]]()
        self.customer: UUID = new_id()

    @initialize()
    def begin(self) -> None:
        self.customer = self.call(self._customer())
        self.base = self.call(self._accounts())

    async def _customer(self) -> UUID:
        customer_id = await self.trade.customer()
        async with self.trade.writing() as tx:
            await customers.set_address(tx, customer_id=customer_id, address=Address("1 Street", "", "Berlin", "", "10115", "DE"), now=NOW)
        return customer_id

    def call(self, work: Any) -> Any:
        return type(self).run(work)

    def do(self, deed: Callable[[Tx], Any]) -> Any:
        """In a transaction; a refusal is an answer and leaves nothing behind."""

        async def work() -> Any:
            async with self.trade.writing() as tx:
                return await deed(tx)

        try:
            return self.call(work())
        except Problem as refusal:
            return refusal

    @rule(target=drafts, nets=st.lists(amounts.filter(bool), min_size=1, max_size=3), currency=st.sampled_from(CURRENCIES), less=st.integers(0, 90))
    def draft(self, nets: list[int], currency: str, less: int) -> Paper:
        lines, sold = [], []
        for net in nets:
            discount = net * less // 100
            off = {"discount": Money(discount, currency), "discount_note": "Loyal"} if discount else {}
            lines.append(invoicing.DraftLine(description="Work", unit_net=Money(net, currency), **off))
            sold.append(Sold(net - discount, rounded(Fraction((net - discount) * VAT, 10**6)), VAT))
        wanted = invoicing.Draft(currency, lines, invoicing.References(), 14)
        made = self.do(
            lambda tx: invoicing.create_draft(tx, customer_id=self.customer, draft=wanted, seller=SELLER, actor="staff:x", today=TODAY, now=NOW)
        )
        return Paper(made, currency, sold, state="draft")

    @rule(target=papers, paper=consumes(drafts))
    def issue_draft(self, paper: Paper) -> Paper:
        assert isinstance(self.do(lambda tx: invoicing.issue_draft(tx, paper.id, seller=SELLER, on=TODAY, now=NOW)), UUID)
        return self._sold(paper, "revenue_services")

    @rule(
        target=papers,
        wanted=st.lists(st.tuples(amounts, st.sampled_from([0, 70_000, 190_000, 255_000, 81_250])), min_size=1, max_size=4),
        currency=st.sampled_from(CURRENCIES),
    )
    def issue(self, wanted: list[tuple[int, int]], currency: str) -> Paper:
        if not any(net for net, _ in wanted):
            wanted = [(1, 0)]
        sold = [Sold(net, rounded(Fraction(net * rate, 10**6)), rate) for net, rate in wanted]
        about = {"customer_id": self.customer, "origin_type": "test", "origin_id": new_id(), "buyer": BUYER, "seller": SELLER}
        lines = [line(one.net, currency=currency, rate_ppm=one.rate) for one in sold]
        made = self.do(lambda tx: invoicing.issue_invoice(tx, lines=lines, currency=currency, on=TODAY, due_on=TODAY, now=NOW, **about))
        return self._sold(Paper(made, currency, sold), "revenue_hosting")

    @rule(paper=papers)
    def gateway(self, paper: Paper) -> None:
        """The whole of what is asked for, as the payable says it."""
        if paper.state not in ("open", "uncollectible"):
            return

        async def deed(tx: Tx) -> None:
            found = (await invoicing.get_invoice(tx, paper.id)).summary
            assert found.payable_id is not None
            payable = await payments.get_payable(tx, found.payable_id)
            assert payable.amount.minor == paper.owed
            await self.trade.receive(tx, self.customer, payable.amount)
            await invoicing.pay_invoice(tx, paper.id, amount=payable.amount, on=TODAY, now=NOW, attempt_id=new_id())

        assert not isinstance(self.do(deed), Problem)
        self.kept.put("gateway_clearing", paper.currency, paper.owed)
        self._paid(paper, paper.owed)

    @rule(paper=papers, percent=st.integers(1, 150))
    def by_hand(self, paper: Paper, percent: int) -> None:
        amount = max(paper.total * percent // 100, 1)
        receipt = payments.Receipt(Money(amount, paper.currency), "bank_transfer", str(new_id()), TODAY)
        done = self.do(lambda tx: invoicing.record_payment(tx, paper.id, receipt=receipt, today=TODAY, actor="staff:x", now=NOW))
        if paper.state == "void":
            assert isinstance(done, invoicing.InvoiceNotOpen)
            return
        assert done == Money(min(amount, paper.owed), paper.currency)
        self.kept.put("bank", paper.currency, amount)
        used = min(amount, paper.owed)
        self.kept.credit[paper.currency] += amount - used
        if used:
            self._paid(paper, used)

    @rule(paper=papers)
    def from_credit(self, paper: Paper) -> None:
        free = self.kept.credit[paper.currency]
        done = self.do(lambda tx: invoicing.use_credit(tx, paper.id, on=TODAY, now=NOW))
        if paper.state not in ("open", "uncollectible") or free <= 0:
            assert isinstance(done, invoicing.InvoiceNotOpen | invoicing.NothingToApply)
            return
        used = min(free, paper.owed)
        assert done == Money(used, paper.currency)
        self.kept.credit[paper.currency] -= used
        self._paid(paper, used)

    @rule(paper=papers, percent=st.integers(1, 110))
    def credit_an_amount(self, paper: Paper, percent: int) -> None:
        left = sum(one.left for one in paper.lines)
        amount = max(left * percent // 100, 1)
        scope = invoicing.Scope(amount=Money(amount, paper.currency))
        done = self.do(lambda tx: invoicing.credit_note(tx, paper.id, reason="part", on=TODAY, now=NOW, scope=scope))
        if paper.state == "void" or amount > left:
            assert isinstance(done, Problem)
            return
        assert isinstance(done, UUID)
        notes = self.call(self.trade.invoice(paper.id)).credit_notes
        (note,) = [one for one in notes if one.id == done]
        assert note.total.minor == amount
        self._taken(paper, note)

    @rule(paper=papers, place=st.integers(0, 3))
    def credit_a_line(self, paper: Paper, place: int) -> None:
        found = self.call(self.trade.invoice(paper.id))
        chosen = place % len(found.lines)
        done = self.do(lambda tx: invoicing.credit_note(tx, paper.id, reason="line", on=TODAY, now=NOW, lines=[found.lines[chosen].id]))
        kept = paper.lines[chosen]
        if isinstance(done, Problem):
            assert paper.state == "void" or not kept.left
            return
        (note,) = [one for one in self.call(self.trade.invoice(paper.id)).credit_notes if one.id == done]
        assert (note.net.minor, note.tax.minor) == (kept.left_net, kept.left_tax)
        self._taken(paper, note)

    @rule(paper=papers)
    def void(self, paper: Paper) -> None:
        done = self.do(lambda tx: invoicing.void_invoice(tx, paper.id, reason="void", on=TODAY, now=NOW))
        if paper.state not in ("open", "uncollectible") or paper.paid:
            assert isinstance(done, invoicing.InvoiceNotOpen)
            return
        (note,) = [one for one in self.call(self.trade.invoice(paper.id)).credit_notes if one.id == done]
        self._taken(paper, note)
        assert paper.state == "void"

    @rule(paper=papers)
    def give_up(self, paper: Paper) -> None:
        done = self.do(lambda tx: invoicing.write_off(tx, paper.id, on=TODAY, now=NOW))
        if paper.state != "open":
            assert isinstance(done, invoicing.InvoiceNotOpen)
            return
        self.kept.put("write_off", paper.currency, paper.due)
        paper.state, paper.lost, paper.due = "uncollectible", paper.due, 0

    @invariant()
    def documents_and_books_say_what_is_kept_here(self) -> None:
        accounts = self.call(self._accounts())
        accounts.subtract(self.base)
        wanted = Counter(self.kept.accounts)
        for currency in CURRENCIES:
            wanted["receivable", currency] = sum(paper.due for paper in self.known if paper.currency == currency)
            wanted["customer_credit", currency] = -self.kept.credit[currency]
        assert {key: value for key, value in accounts.items() if value} == {key: value for key, value in wanted.items() if value}
        for paper in self.known:
            found = self.call(self.trade.invoice(paper.id))
            now = found.summary
            assert (now.state, now.paid.minor, now.due.minor, now.written_off.minor, now.credited.minor, now.total.minor) == (
                paper.state,
                paper.paid,
                paper.due,
                paper.lost,
                paper.credited,
                paper.total,
            )
            assert sum(one.amount.minor for one in found.payments) == paper.paid

    def teardown(self) -> None:
        assert self.call(self.trade.violations()) == []

    async def _accounts(self) -> Counter[tuple[str, str]]:
        with self.trade.sql() as owner:
            found = owner.execute(
                "select account, currency, sum(amount_minor)::bigint, sum(home_minor)::bigint from ledger_entry group by 1, 2"
            ).fetchall()
        assert sum(row[3] for row in found) == 0
        for currency in CURRENCIES:
            assert sum(row[2] for row in found if row[1] == currency) == 0
        return Counter({(account, currency): int(amount) for account, currency, amount, _ in found})

    def _sold(self, paper: Paper, revenue: str) -> Paper:
        paper.state, paper.due = "open", paper.total
        self.known.append(paper)
        self.kept.put(revenue, paper.currency, -sum(one.net for one in paper.lines))
        self.kept.put("tax_payable", paper.currency, -sum(one.tax for one in paper.lines))
        paper.revenue = revenue
        return paper

    def _paid(self, paper: Paper, amount: int) -> None:
        back = max(amount - paper.due, 0)
        self.kept.put("write_off", paper.currency, -back)
        paper.lost, paper.due, paper.paid = paper.lost - back, paper.due + back - amount, paper.paid + amount
        if not paper.owed:
            paper.state = "paid"

    def _taken(self, paper: Paper, note: invoicing.CreditNote) -> None:
        """Nothing is taken twice, and net and tax stand to each other as they were sold, to the rounding of a unit."""
        by_id = dict(zip([one.id for one in self.call(self.trade.invoice(paper.id)).lines], paper.lines, strict=True))
        for part in note.lines:
            kept = by_id[part.invoice_line_id]
            gross = part.gross.minor
            if gross != kept.left:
                assert abs(part.tax.minor - Fraction(gross * kept.rate, 10**6 + kept.rate)) <= max(1, len(paper.lines))
            kept.left_net, kept.left_tax = kept.left_net - part.net.minor, kept.left_tax - part.tax.minor
            assert min(kept.left_net, kept.left_tax) >= 0
        self.kept.put(paper.revenue, paper.currency, note.net.minor)
        self.kept.put("tax_payable", paper.currency, note.tax.minor)
        off_due = min(paper.due, note.total.minor)
        off_loss = min(paper.lost, note.total.minor - off_due)
        self.kept.put("write_off", paper.currency, -off_loss)
        self.kept.credit[paper.currency] += note.total.minor - off_due - off_loss
        paper.due, paper.lost, paper.credited = paper.due - off_due, paper.lost - off_loss, paper.credited + note.total.minor
        if paper.state != "paid" and not paper.owed:
            paper.state = "paid" if paper.paid else "void"


@pytest.fixture
def machine() -> Iterator[type[Bookkeeping]]:
    with fresh_database() as dsn, asyncio.Runner() as runner:
        opened = books(dsn)
        Bookkeeping.trade = runner.run(opened.__aenter__())
        Bookkeeping.run = runner.run
        try:
            yield Bookkeeping
        finally:
            runner.run(opened.__aexit__(None, None, None))


def test_any_order_of_deeds(machine: type[Bookkeeping]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True),
    )
