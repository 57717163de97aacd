"""Whose doing a registration is, and one text for one registrant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.domains.rules import REGISTRANT_FIELDS, SKEW, is_our_doing, registrant_fields, registrant_text

NOW = datetime(2026, 7, 1, tzinfo=UTC)
REGISTRANTS = st.fixed_dictionaries({name: st.none() | st.text(max_size=20) for name in REGISTRANT_FIELDS})


@given(st.none() | st.sampled_from(["ours", "theirs"]), st.none() | st.integers(-72, 72))
def test_adopted_only_with_evidence_and_nothing_against_it(theirs: str | None, hours: int | None) -> None:
    created = None if hours is None else NOW + timedelta(hours=hours)
    found = is_our_doing(ours="ours", theirs=theirs, requested_at=NOW, created_at=created)
    against = theirs == "theirs" or (created is not None and created < NOW - SKEW)
    told = theirs is not None or created is not None
    assert found == (told and not against)


@given(REGISTRANTS)
def test_the_order_of_fields_makes_no_difference(registrant: dict[str, str | None]) -> None:
    shuffled = dict(sorted(registrant.items(), reverse=True))
    text = registrant_text(registrant)
    assert registrant_text(shuffled) == text
    assert registrant_fields(text) == {name: value or "" for name, value in registrant.items()}


def test_a_field_that_no_registrar_asks_for_is_refused() -> None:
    with pytest.raises(ValueError, match="birthday"):
        registrant_text({"name": "Ada", "birthday": "1815-12-10"})
