"""What counts as the money that was asked for, and when the gateway is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.payments import rules
from nextbill.capabilities.payments.ports import signed_in_time
from nextbill.capabilities.payments.rules import Receipt
from nextbill.kernel.ids import new_id

START = datetime(2026, 11, 21, tzinfo=UTC)
receipts = st.builds(
    Receipt,
    attempt_id=st.sampled_from([new_id(), new_id(), None]),
    amount_minor=st.integers(1, 3) | st.none(),
    currency=st.sampled_from(["USD", "EUR"]),
    customer=st.sampled_from(["cus_1", "cus_2", None]),
    live=st.booleans(),
)
seconds = st.integers(0, 30 * 86_400).map(lambda count: timedelta(seconds=count))


@given(receipts, receipts)
def test_only_what_agrees_in_everything_is_ours(asked: Receipt, seen: Receipt) -> None:
    assert (rules.differences(asked, seen) == []) is (asked == seen)
    assert rules.differences(asked, seen) == rules.differences(seen, asked)


@given(age=seconds)
def test_a_check_comes_soon_while_fresh_and_never_too_late(age: timedelta) -> None:
    expires, now = START + rules.CHECKOUT_LIFETIME, START + age
    due = rules.next_check(opened_at=START, expires_at=expires, now=now)
    assert now < due <= now + rules.LAST_CHECK
    if now < expires:
        assert due <= expires + rules.AFTER_EXPIRY
    else:
        assert due - now >= rules.FIRST_CHECK


@given(st.integers(-3600, 3600))
def test_a_signature_is_judged_the_same_in_both_directions(drift: int) -> None:
    signed = START + timedelta(seconds=drift)
    assert signed_in_time(signed_at=signed, now=START) is (abs(drift) <= 300)


@pytest.mark.parametrize(
    ("moves", "final"), [(rules.PAYABLE_MOVES, {"settled", "cancelled"}), (rules.ATTEMPT_MOVES, {"succeeded"}), (rules.REFUND_MOVES, {"failed"})]
)
def test_every_machine_ends_where_money_is_settled(moves: dict[str, tuple[str, ...]], final: set[str]) -> None:
    reachable = {state for ends in moves.values() for state in ends}
    assert reachable - set(moves) == final


def test_a_success_is_never_undone_and_may_come_late() -> None:
    assert "succeeded" not in rules.ATTEMPT_MOVES
    assert all("succeeded" in rules.ATTEMPT_MOVES[state] for state in rules.LATE_SUCCESS_STATES)
