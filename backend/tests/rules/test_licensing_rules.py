"""What a license allows, for any license and any question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.licensing.commands.keys import new_key
from nextbill.capabilities.licensing.rules.keys import ALPHABET, hint, normalized, written
from nextbill.capabilities.licensing.rules.usage import effective_features, percent
from nextbill.capabilities.licensing.rules.verdict import LicenseFacts, Quota, counts_as, decide

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SERVERS = st.sampled_from([None, UUID(int=1), UUID(int=2)])
QUOTAS = st.builds(Quota, st.none() | st.integers(0, 5), st.integers(0, 7), st.integers(0, 2))
FACTS = st.builds(
    LicenseFacts,
    plan_code=st.just("starter"),
    state=st.sampled_from(["active", "suspended", "cancelled"]),
    expires_at=st.none() | st.integers(-2, 2).map(lambda days: NOW + timedelta(days=days)),
    server_id=SERVERS,
    named=st.booleans(),
    resource=st.just("databases"),
    quota=st.none() | QUOTAS,
)
FEATURES = st.sampled_from([None, "create_database", "ssh"])


@given(FACTS, FEATURES, SERVERS)
def test_allowed_exactly_where_nothing_speaks_against_it(facts: LicenseFacts, feature: str | None, server: UUID | None) -> None:
    """Against a plain reading of the promise, written out once more."""
    said = decide(facts, feature=feature, server_id=server, now=NOW)
    own = server is None or facts.server_id in (None, server)
    alive = facts.state == "active" and (facts.expires_at is None or facts.expires_at > NOW)
    quota = facts.quota
    left = quota is not None and (quota.limit is None or quota.used + quota.reserved < quota.limit)
    assert said.valid == (own and alive and (feature is None or left or (quota is None and facts.named)))
    assert said.valid == (said.reason is None) == (said.error is None) == (said.plan is not None)
    assert said.valid or said.remaining_quota == 0
    assert said.checked_at == NOW
    if said.valid and feature and quota is not None:
        assert said.remaining_quota == quota.remaining


@given(FACTS, FEATURES)
def test_a_foreign_server_learns_nothing_else(facts: LicenseFacts, feature: str | None) -> None:
    said = decide(facts, feature=feature, server_id=UUID(int=3), now=NOW)
    if facts.server_id is not None:
        assert (said.reason, said.plan, said.expires_at, said.resource) == ("wrong_server", None, None, None)


@given(QUOTAS)
def test_remaining_is_never_below_zero_nor_above_the_limit(quota: Quota) -> None:
    if quota.limit is None:
        assert quota.remaining is None
    else:
        assert quota.remaining is not None
        assert 0 <= quota.remaining <= quota.limit


@given(st.text(ALPHABET, min_size=12, max_size=12))
def test_a_key_is_found_however_it_is_typed(characters: str) -> None:
    key = written(characters)
    assert normalized(f"  {key.lower()} ") == key
    assert key.replace("-", "") == f"NP{characters}"
    assert hint(key) == f"NP-••••-••••-{characters[-4:]}"


def test_keys_have_no_letter_that_is_mistaken_for_another() -> None:
    assert not set("01OILU") & set(ALPHABET)
    keys = {new_key() for _ in range(500)}
    assert len(keys) == 500
    assert all(len(key) == 17 and set(key.removeprefix("NP").replace("-", "")) <= set(ALPHABET) for key in keys)


def test_a_resource_that_a_plan_invents_has_its_feature() -> None:
    assert counts_as("create_cron_job") == ("cron_jobs", "cron_job")
    assert counts_as("delete_cron_job") == ()
    assert counts_as(None) == ()


def test_shares_are_rounded_down_and_a_limit_of_nothing_is_full_once_something_exists() -> None:
    assert [percent(used, 3) for used in range(5)] == [0, 33, 66, 100, 133]
    assert (percent(7, None), percent(0, 0), percent(1, 0)) == (None, 0, 100)


@given(st.sets(st.sampled_from("abcd")), st.dictionaries(st.sampled_from("abcd"), st.booleans()))
def test_what_staff_gave_or_took_wins_over_the_plan(plan: set[str], changes: dict[str, bool]) -> None:
    found = set(effective_features(plan, changes))
    for name in "abcd":
        assert (name in found) == changes.get(name, name in plan)
