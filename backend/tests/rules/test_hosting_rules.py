"""Names that any panel takes, and what a row of health checks means."""

from __future__ import annotations

import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.hosting.commands.accounts import new_password
from nextbill.capabilities.hosting.rules import RESERVED, Health, health_after, panel_email, username, username_of_id, username_stem

SAFE = re.compile(r"[a-z][a-z0-9]{2,15}")
DOMAINS = st.none() | st.text(max_size=40).map(lambda label: f"{label}.com")


@given(DOMAINS, st.text(max_size=60), st.sets(st.text("abc2", min_size=3, max_size=4)), st.integers(0, 5))
def test_user_names_suit_a_panel_and_are_free(domain: str | None, full_name: str, taken: set[str], skip: int) -> None:
    stem = username_stem(domain=domain, full_name=full_name)
    found = username(stem, taken=taken, skip=skip)
    assert SAFE.fullmatch(found)
    assert found not in taken
    assert found not in RESERVED
    assert SAFE.fullmatch(username_of_id(stem, UUID(int=255)))


@given(st.text("abcdefgh", min_size=3, max_size=16))
def test_skipping_gives_another_name_each_time(stem: str) -> None:
    assert len({username(stem, taken=(), skip=skip) for skip in range(12)}) == 12


def test_where_user_names_come_from() -> None:
    assert username_stem(domain="shop-foo.co.uk", full_name="Ada") == "shopfoo"
    assert username_stem(domain="xn--bcher-kva.com", full_name="Ada") == "bcherkva"
    assert username_stem(domain="123.com", full_name="Ådä Bürön") == "adaburon"
    assert username_stem(domain=None, full_name="李") == "site"
    assert username(username_stem(domain="root.com", full_name="x"), taken=()) == "root2"
    assert username("a" * 16, taken={"a" * 16}) == "a" * 15 + "2"


@given(st.text("abc.+", min_size=1, max_size=64), st.text("abc", min_size=3, max_size=16))
def test_a_derived_address_goes_to_the_customer_or_to_us_never_to_a_third(local: str, user: str) -> None:
    address = panel_email(f"{local}@example.com", user=user, own_host="ours.example", shared=True)
    assert address in (f"{local}+{user}@example.com", f"{user}@ours.example")
    assert len(address.partition("@")[0]) <= 64
    assert panel_email(f"{local}@example.com", user=user, own_host="ours.example", shared=False) == f"{local}@example.com"


@given(st.lists(st.booleans(), max_size=30))
def test_health_changes_only_after_a_row_of_checks_that_agree(checks: list[bool]) -> None:
    health: Health = "up"
    streak = 0
    for place, up in enumerate(checks):
        before = health
        health, streak = health_after(health, streak=streak, up=up)
        if before == "up":
            assert (health == "down") == (place >= 2 and not any(checks[place - 2 : place + 1]))
        else:
            assert (health == "up") == all(checks[place - 1 : place + 1])


def test_the_first_check_that_answers_is_believed() -> None:
    assert health_after("unknown", streak=0, up=True)[0] == "up"
    assert health_after("unknown", streak=0, up=False)[0] == "unknown"


def test_first_passwords() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{20}", password) for password in made)
