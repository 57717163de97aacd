"""A journal balances in each currency by itself, or it is no journal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.ledger.models import EntryRow
from nextbill.capabilities.ledger.rules import Account, Entry, imbalance, speaking
from nextbill.kernel.money import Money

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
