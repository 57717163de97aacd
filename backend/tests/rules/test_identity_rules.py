"""What identity decides: permissions, passwords, throttling, address ranges."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.identity.rules import (
    LIVE_LIMITS,
    PASSWORD_MAX,
    PASSWORD_MIN,
    PERMISSIONS,
    ROLES,
    SANDBOX_LIMITS,
    Limit,
    address_allowed,
    audience,
    fingerprint,
    parse_range,
    password_problem,
    wait,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def test_a_customer_may_only_buy() -> None:
    assert PERMISSIONS["customer"] == {"orders.place"}


def test_roles_grow_toward_the_administrator() -> None:
    assert PERMISSIONS["support"] < PERMISSIONS["admin"]
    assert PERMISSIONS["billing"] < PERMISSIONS["admin"]
    assert "orders.place" not in PERMISSIONS["admin"]


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("refunds.create", {"billing", "admin"}),
        ("servers.manage", {"admin"}),
        ("panel_keys.manage", {"admin"}),
        ("users.manage", {"admin"}),
        ("audit.read", {"admin"}),
        ("jobs.manage", {"admin"}),
        ("licenses.manage", {"billing", "admin"}),
        ("catalog.manage", {"billing", "admin"}),
        ("orders.read_all", {"support", "billing", "admin"}),
        ("customers.read_all", {"support", "billing", "admin"}),
    ],
)
def test_who_holds_a_permission(permission: str, roles: set[str]) -> None:
    assert {role for role in ROLES if permission in PERMISSIONS[role]} == roles


def test_customers_and_staff_are_separate_audiences() -> None:
    assert {audience(role) for role in ROLES if role != "customer"} == {"nextbill:staff"}
    assert audience("customer") == "nextbill:customer"


@pytest.mark.parametrize(
    "password",
    ["short", "Password123", "QWERTYUIOP", "aaaaaaaaaaaa", "1212121212121", "ada@example.com", "ADA@EXAMPLE.COM", "x" * (PASSWORD_MAX + 1)],
)
def test_bad_passwords_are_refused_with_what_to_do(password: str) -> None:
    assert password_problem(password, "ada@example.com")


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", min_size=PASSWORD_MIN, max_size=60).filter(lambda text: len(set(text)) > 6 and "pass" not in text)
)
def test_length_is_enough(password: str) -> None:
    assert password_problem(password, "") is None or password in {
        "qwertyuiop",
        "azertyuiop",
        "qwertzuiop",
        "abcdefghij",
        "abcdefghijk",
        "administrator",
    }


def test_a_password_counts_in_its_normal_form() -> None:
    """A ligature is two letters, a letter with its combining mark is one."""
    assert password_problem("ﬁveﬂags", "")
    assert password_problem("ﬁveﬂagsﬀ", "") is None
    assert password_problem("e\u0301" * 9, "")


@given(st.integers(0, 40), st.integers(0, 3600))
def test_a_limit_waits_for_the_end_of_its_window(attempts: int, elapsed: int) -> None:
    limit = Limit(10, timedelta(hours=1))
    seconds = wait(limit, attempts=attempts, window_started_at=NOW, now=NOW + timedelta(seconds=elapsed))
    if attempts <= 10:
        assert seconds is None
    else:
        assert seconds == 3600 - elapsed + 1


def test_a_sandbox_is_not_locked_for_long() -> None:
    assert SANDBOX_LIMITS.login_account.window <= timedelta(minutes=1)
    assert LIVE_LIMITS.login_account.window >= timedelta(minutes=15)


@pytest.mark.parametrize("other", ["Ada@Example.com", "  ada@example.com ", "ADA@EXAMPLE.COM"])
def test_one_account_has_one_fingerprint(other: str) -> None:
    assert fingerprint(other) == fingerprint("ada@example.com")


def test_accounts_have_different_fingerprints() -> None:
    assert fingerprint("ada@example.com") != fingerprint("ada@example.org")


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_an_address_is_in_its_own_range(address: ipaddress.IPv4Address, bits: int) -> None:
    assert address_allowed(str(address), [parse_range(f"{address}/{bits}")])


@given(st.ip_addresses(v=4))
def test_an_address_mapped_into_ipv6_is_the_same_address(address: ipaddress.IPv4Address) -> None:
    assert address_allowed(f"::ffff:{address}", [str(address)])


@pytest.mark.parametrize(
    ("address", "ranges", "allowed"),
    [
        ("10.0.0.5", [], True),
        ("10.0.0.5", ["10.0.0.0/24"], True),
        ("10.0.1.5", ["10.0.0.0/24"], False),
        ("10.0.1.5", ["10.0.0.0/24", "10.0.1.5/32"], True),
        ("2001:db8::1", ["10.0.0.0/8"], False),
        ("2001:db8::1", ["2001:db8::/32"], True),
        ("unknown", ["0.0.0.0/0"], False),
    ],
)
def test_ranges(address: str, ranges: list[str], allowed: bool) -> None:
    assert address_allowed(address, ranges) is allowed


@pytest.mark.parametrize("text", ["", "everywhere", "10.0.0.0/33", "10.0.0"])
def test_a_bad_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/24"):
        parse_range(text)
