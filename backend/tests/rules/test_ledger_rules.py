"""A journal balances in each currency by itself, or it is no journal."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.ledger.models import EntryRow
from nextbill.capabilities.ledger.rules import PPM, Account, Entry, imbalance, in_home, speaking
from nextbill.kernel.money import Money, exponent

entries = st.lists(
    st.builds(Entry, st.sampled_from(Account), st.builds(Money, st.integers(-(10**9), 10**9), st.sampled_from(["USD", "JPY"]))), max_size=12
)


@given(entries)
def test_a_journal_and_its_reversal_balance(found: list[Entry]) -> None:
    assert imbalance([*found, *(Entry(entry.account, -entry.amount) for entry in found)]) == {}


@given(entries)
def test_what_is_missing_is_what_would_balance_it(found: list[Entry]) -> None:
    missing = imbalance(found)
    assert 0 not in missing.values()
    assert imbalance([*found, *(Entry(Account.WRITE_OFF, Money(-amount, currency)) for currency, amount in missing.items())]) == {}


@given(entries)
def test_entries_of_nothing_change_nothing(found: list[Entry]) -> None:
    assert imbalance(speaking(found)) == imbalance(found)
    assert all(entry.amount for entry in speaking(found))


def test_the_table_takes_every_account() -> None:
    listed = next(str(constraint.sqltext) for constraint in EntryRow.__table__.constraints if str(constraint.name).endswith("_account"))
    assert listed == "account in ({})".format(",".join(f"'{account.value}'" for account in Account))


currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"])


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=12), currencies, currencies, st.integers(1, 10**9))
def test_what_balances_balances_at_home(amounts: list[int], currency: str, home: str, ppm: int) -> None:
    entries = [Entry(Account.BANK, Money(minor, currency)) for minor in (*amounts, -sum(amounts))]
    rate = PPM if currency == home else ppm
    told = in_home(entries, home=home, rates={currency: rate})
    assert sum(told) == 0
    if currency == home:
        assert told == [entry.amount.minor for entry in entries]
    largest = max(range(len(entries)), key=lambda place: abs(entries[place].amount.minor))
    for place, (entry, minor) in enumerate(zip(entries, told, strict=True)):
        exact = Fraction(entry.amount.minor * rate, PPM) * Fraction(10) ** (exponent(home) - exponent(currency))
        slack = Fraction(1, 2) if place != largest else Fraction(len(entries), 2)
        assert abs(minor - exact) <= slack
