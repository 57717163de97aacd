"""Words for staff: whatever the state, somebody is named who acts next, and every cause has words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.admin.rules import CAUSES, LineFacts, OrderFacts, acts_next, cause, step_actor
from nextbill.runtime.models import STEP_STATES

LINES = st.lists(
    st.builds(
        LineFacts,
        description=st.just("Professional for example.com"),
        kind=st.sampled_from(["hosting", "domain"]),
        state=st.sampled_from(["waiting", "requested", "delivered", "refused", "delayed", "parked", "cancelled"]),
        reason=st.sampled_from([None, "no_room", "taken", "waits_for_server"]),
    ),
    max_size=4,
)
STEPS = st.lists(st.tuples(st.just("domains.register"), st.sampled_from(["requested", "calling", "in_doubt", "pending", "parked"])), max_size=3)


@given(lines=LINES, steps=STEPS, verified=st.booleans(), jobs=st.lists(st.just("payments.settle"), max_size=2), held=st.booleans())
def test_a_paid_order_always_names_who_acts_next(
    lines: list[LineFacts], steps: list[tuple[str, str]], verified: bool, jobs: list[str], held: bool
) -> None:
    found = acts_next(OrderFacts("paid", verified, lines, steps, jobs, held))
    assert found
    assert [item.who for item in found] == sorted((item.who for item in found), key=("staff", "customer", "vendor", "system").index)
    needs_staff = held or bool(jobs) or any(state == "parked" for _, state in steps)
    assert needs_staff <= any(item.who == "staff" for item in found)


def test_an_order_that_has_ended_waits_for_nobody() -> None:
    for state in ("completed", "cancelled"):
        assert acts_next(OrderFacts(state, True, [LineFacts("x", "domain", "refused", "taken")], [], [], False)) == []


def test_every_state_of_a_step_that_is_not_an_end_has_an_actor() -> None:
    assert {state for state in STEP_STATES if step_actor(state) is None} == {"succeeded", "refused", "withdrawn"}


@given(
    reason=st.one_of(st.none(), st.sampled_from(sorted(CAUSES)), st.text(min_size=1, max_size=20)), detail=st.one_of(st.none(), st.text(max_size=50))
)
def test_every_cause_has_words(reason: str | None, detail: str | None) -> None:
    assert cause(reason, detail).strip()
