"""Sum of lines = invoice = ledger, over any cart; a credit note undoes what the sale booked."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities import ledger
from nextbill.capabilities.invoicing.rules import Buyer, Part, Seller, number, reversal, sale, series, settlement, state_after_credit, totals
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money

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
