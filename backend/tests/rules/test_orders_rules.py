"""Carts are read whole: every fault at once, every name once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.orders import rules
from nextbill.capabilities.orders.errors import BadDomain, CartInvalid, cart_problem
from nextbill.capabilities.orders.rules import Cart, CartDomain, DomainItem, HostingItem
from nextbill.kernel.period import Cycle

names = st.sampled_from(["a.com", "A.com.", "b.net", "bücher.de", "xn--bcher-kva.de", "no ending", "-x.com", "1.2.3.4", ""])
domains = st.builds(DomainItem, name=names, years=st.integers(1, 10))
chosen = st.builds(CartDomain, kind=st.sampled_from(["register", "own"]), name=names, years=st.integers(1, 10))
plans = st.builds(HostingItem, plan_code=st.sampled_from(["starter", "none"]), cycle=st.just(Cycle("month")), domain=chosen)
carts = st.builds(Cart, items=st.lists(domains | plans, max_size=25), currency=st.sampled_from(["USD", "EUR", "QQQ", ""]))


@given(carts)
def test_every_item_is_either_chosen_or_faulty(cart: Cart) -> None:
    found, faults = rules.read_cart(cart)
    of_items = [fault for fault in faults if fault.field.startswith("items.")]
    assert len(found) + len(of_items) == min(len(cart.items), rules.ITEMS_MAX)
    assert len({item.name.ascii for item in found}) == len(found)
    assert ("items" in {fault.field for fault in faults}) is (not 1 <= len(cart.items) <= rules.ITEMS_MAX)
    assert ("currency" in {fault.field for fault in faults}) is (cart.currency not in ("USD", "EUR"))


@given(plans)
def test_only_a_name_that_is_bought_has_years(item: HostingItem) -> None:
    for found in rules.read_cart(Cart([item], "USD"))[0]:
        assert (found.years is None) is (item.domain.kind == "own")


@given(st.lists(st.sampled_from(["waiting", "requested", "delivered", "refused", "delayed", "parked", "cancelled"]), max_size=4))
def test_an_order_is_complete_when_nothing_is_under_way_and_something_came(states: list[str]) -> None:
    assert rules.is_delivered(states) is (bool(states) and set(states) <= {"delivered", "cancelled"} and "delivered" in states)


def test_final_states_are_final() -> None:
    assert not {"delivered", "cancelled"} & set(rules.LINE_MOVES)
    assert not {"completed", "cancelled"} & set(rules.ORDER_MOVES)


def test_a_stage_tells_who_has_to_act() -> None:
    shown = {
        state: rules.line_stage(state, paid=True) for state in ("waiting", "requested", "delayed", "delivered", "refused", "parked", "cancelled")
    }
    assert {state for state, stage in shown.items() if stage == "attention"} == {"refused", "parked"}
    assert rules.line_stage("waiting", paid=False) == "waiting"


def test_one_kind_of_fault_has_its_own_code() -> None:
    one = cart_problem([("bad_domain_name", "items.0.name", "no"), ("bad_domain_name", "items.1.name", "no")])
    assert isinstance(one, BadDomain)
    assert set(one.fields) == {"items.0.name", "items.1.name"}
    two = cart_problem([("bad_domain_name", "items.0.name", "no"), ("unknown_plan", "items.1.plan", "no")])
    assert type(two) is CartInvalid
    assert rules.order_number(2026, 42) == "ORD-2026-000042"
