"""Sum of lines = invoice = ledger, over any cart; a credit note undoes what the sale booked."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities import ledger, tax
from nextbill.capabilities.invoicing.errors import PayLinkExpired, PayLinkUnknown
from nextbill.capabilities.invoicing.queries.pay_links import PayLinks
from nextbill.capabilities.invoicing.rules import (
    Buyer,
    InvoiceLine,
    Part,
    Seller,
    Totals,
    loss,
    number,
    part_of,
    problem_of,
    reversal,
    sale,
    series,
    settlement,
    spread,
    state_after_credit,
    totals,
)
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, Rounding

ADA = new_id()
amounts = st.integers(0, 10**10)
CURRENCY = "USD"
parts = st.lists(
    st.builds(
        lambda name, net, tax: Part(name, Money(net, CURRENCY), Money(tax, CURRENCY)), st.sampled_from(["hosting", "domain"]), amounts, amounts
    ),
    min_size=1,
    max_size=12,
)


def on_account(entries: list[ledger.Entry]) -> Counter[str]:
    found: Counter[str] = Counter()
    for entry in entries:
        found[entry.account.value] += entry.amount.minor
    return found


def gross(sold: list[Part]) -> Money:
    return totals(((part.net, part.tax) for part in sold), CURRENCY).gross


@given(parts)
def test_lines_document_and_books_say_the_same(sold: list[Part]) -> None:
    booked = on_account(sale(sold, customer_id=ADA, currency=CURRENCY))
    assert sum(booked.values()) == 0
    assert booked["receivable"] == gross(sold).minor == sum(part.net.minor + part.tax.minor for part in sold)
    assert -booked["tax_payable"] == sum(part.tax.minor for part in sold)
    for name, account in (("hosting", "revenue_hosting"), ("domain", "revenue_domains")):
        assert -booked[account] == sum(part.net.minor for part in sold if part.product_class == name)


@given(parts)
def test_voiding_undoes_the_sale(sold: list[Part]) -> None:
    both = sale(sold, customer_id=ADA, currency=CURRENCY) + reversal(sold, customer_id=ADA, off_receivable=gross(sold))
    assert not any(on_account(both).values())


@given(parts, st.data())
def test_what_is_not_due_any_more_becomes_credit(sold: list[Part], data: st.DataObject) -> None:
    due = Money(data.draw(st.integers(0, gross(sold).minor)), CURRENCY)
    booked = on_account(reversal(sold, customer_id=ADA, off_receivable=due))
    assert sum(booked.values()) == 0
    assert -booked["receivable"] == due.minor
    assert -booked["customer_credit"] == gross(sold).minor - due.minor


@given(parts)
def test_credit_line_by_line_is_credit_of_the_whole(sold: list[Part]) -> None:
    nothing_due = Money.zero(CURRENCY)
    one_by_one = [entry for part in sold for entry in reversal([part], customer_id=ADA, off_receivable=nothing_due)]
    assert on_account(one_by_one) == on_account(reversal(sold, customer_id=ADA, off_receivable=nothing_due))


@given(amounts)
def test_a_settlement_moves_credit_to_the_receivable(minor: int) -> None:
    assert on_account(settlement(Money(minor, CURRENCY), customer_id=ADA)) == {"customer_credit": minor, "receivable": -minor}


@pytest.mark.parametrize(
    ("due", "paid", "state", "after"),
    [
        (0, 0, "open", "void"),
        (0, 5, "open", "paid"),
        (5, 0, "open", "open"),
        (0, 5, "paid", "paid"),
        (0, 0, "uncollectible", "void"),
        (3, 2, "uncollectible", "uncollectible"),
    ],
)
def test_state_after_a_credit_note(due: int, paid: int, state: str, after: str) -> None:
    assert state_after_credit(due=Money(due, CURRENCY), paid=Money(paid, CURRENCY), state=state) == after


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 999_999), st.integers(1, 999_999))
def test_numbers_sort_as_they_count(on: date, one: int, other: int) -> None:
    name = series("INV", on)
    assert name == f"INV-{on:%Y}"
    assert (number(name, one) < number(name, other)) == (one < other)


def test_a_million_documents_have_numbers_too() -> None:
    assert number("CN-2026", 1_234_567) == "CN-2026-1234567"


@given(
    st.builds(
        Buyer,
        st.text(),
        st.text(),
        st.sampled_from(["consumer", "business"]),
        st.just("DE"),
        company=st.none() | st.text(),
        city=st.none() | st.text(),
    )
)
def test_a_buyer_comes_back_as_written(buyer: Buyer) -> None:
    assert Buyer.from_json(buyer.to_json()) == buyer


def test_a_seller_comes_back_as_written() -> None:
    seller = Seller("Example Hosting", "1 Example Street", "DE", "billing@example.com", "DE1")
    assert Seller.from_json(seller.to_json()) == seller


carts = st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 40), st.integers(0, 100), st.integers(0, 500_000)), min_size=1, max_size=15)


@given(carts, st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_any_cart_adds_up(cart: list[tuple[int, int, int, int]], currency: str) -> None:
    """Quantity times unit less discount, taxed and rounded line by line: lines, document and books say one sum, in any currency."""
    lines = []
    for unit_minor, quantity, percent, rate in cart:
        unit = Money(unit_minor, currency)
        discount = (unit * quantity).share(percent, 100, Rounding.DOWN)
        net = unit * quantity - discount
        taxed = tax.TaxedLine("x", net, rate, net.share(rate, tax.PPM, Rounding.HALF_UP), None, "VAT", "S" if rate else "Z")
        note = "Loyal" if discount else None
        lines.append(InvoiceLine("Work", "service", quantity, unit, taxed, "test", ADA, discount=discount, discount_note=note))
        exact = Fraction(unit_minor * quantity - discount.minor) * rate / tax.PPM
        assert abs(taxed.tax.minor - exact) <= Fraction(1, 2)
    assert [problem_of(one) for one in lines] == [None] * len(lines)
    sums = totals(((one.net, one.tax.tax) for one in lines), currency)
    booked = sale([Part(one.product_class, one.net, one.tax.tax) for one in lines], customer_id=ADA, currency=currency)
    accounts = on_account(booked)
    assert sum(accounts.values()) == 0
    assert accounts["receivable"] == sums.gross.minor == sum(one.gross.minor for one in lines)
    assert (-accounts["revenue_services"], -accounts["tax_payable"]) == (sums.net.minor, sums.tax.minor)


def test_a_line_with_a_wrong_sum_is_told() -> None:
    taxed = tax.TaxedLine("x", Money(90, CURRENCY), 0, Money(0, CURRENCY), None, "No tax", "O")
    sold = InvoiceLine("Work", "service", 1, Money(100, CURRENCY), taxed, "test", ADA)
    assert problem_of(sold) is not None
    assert problem_of(dataclasses.replace(sold, discount=Money(10, CURRENCY), discount_note="Loyal")) is None
    assert problem_of(dataclasses.replace(sold, discount=Money(10, CURRENCY))) is not None


@given(st.integers(0, 10**9), st.integers(0, 600_000), st.lists(st.integers(1, 99), max_size=9))
def test_parts_of_a_line_never_take_more_than_it(net: int, rate: int, percents: list[int]) -> None:
    """However often a part is taken back: each at the line's rate, and in the end exactly what was sold."""
    left = Totals(Money(net, CURRENCY), Money(net, CURRENCY).share(rate, tax.PPM, Rounding.HALF_UP))
    sold, taken = left, Totals(Money.zero(CURRENCY), Money.zero(CURRENCY))
    for percent in (*percents, 100):
        gross = left.gross.share(percent, 100, Rounding.DOWN) if percent < 100 else left.gross
        part = part_of(gross, left=left, rate_ppm=rate)
        assert part.gross == gross
        assert min(part.net.minor, part.tax.minor, left.net.minor - part.net.minor, left.tax.minor - part.tax.minor) >= 0
        if part != left:
            assert abs(part.tax.minor - Fraction(gross.minor * rate, tax.PPM + rate)) <= len(percents) + 1
        left = Totals(left.net - part.net, left.tax - part.tax)
        taken = Totals(taken.net + part.net, taken.tax + part.tax)
    assert (taken, left.gross.minor) == (sold, 0)


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**7)), min_size=1, max_size=12), st.data())
def test_an_amount_over_lines_loses_no_unit(kept: list[tuple[int, int]], data: st.DataObject) -> None:
    left = [Totals(Money(net, CURRENCY), Money(part, CURRENCY)) for net, part in kept]
    whole = sum(one.gross.minor for one in left)
    if not whole:
        return
    amount = Money(data.draw(st.integers(1, whole)), CURRENCY)
    shares = spread(amount, left)
    assert sum(share.minor for share in shares) == amount.minor
    assert all(0 <= share.minor <= one.gross.minor for share, one in zip(shares, left, strict=True))


def test_written_off_money_that_is_credited_is_no_loss_any_more() -> None:
    part = Part("hosting", Money(100, CURRENCY), Money(19, CURRENCY))
    booked = on_account(reversal([part], customer_id=ADA, off_receivable=Money(20, CURRENCY), off_written_off=Money(50, CURRENCY)))
    assert (booked["receivable"], booked["write_off"], booked["customer_credit"]) == (-20, -50, -49)
    assert sum(booked.values()) == 0
    lost = on_account(loss(Money(70, CURRENCY), customer_id=ADA))
    assert (lost["write_off"], lost["receivable"]) == (70, -70)


def test_pay_links_open_one_invoice_until_their_day() -> None:
    links, now = PayLinks(b"k" * 32), datetime(2026, 7, 1, tzinfo=UTC)
    invoice_id = new_id()
    token = links.token(invoice_id, until=now + timedelta(days=1))
    assert links.invoice_of(token, now=now) == (invoice_id, now + timedelta(days=1))
    with pytest.raises(PayLinkExpired):
        links.invoice_of(token, now=now + timedelta(days=1))
    other = "B" if token[3] != "B" else "C"
    for wrong in ("", "x", token[:-2], token + "AA", token[:3] + other + token[4:], "ü" * 50, PayLinks(b"l" * 32).token(invoice_id, until=now)):
        with pytest.raises(PayLinkUnknown):
            links.invoice_of(wrong, now=now)
