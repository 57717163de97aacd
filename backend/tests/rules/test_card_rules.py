"""What a decline means, when a charge is tried again, what a card's scheme allows, and when its holder hears that it expires."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.notifications import documents
from nextbill.capabilities.payments import rules
from nextbill.capabilities.payments.rules import Cap, expires_on, next_try, notice_due, room_left, verdict_on

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = (1, 3, 5, 7)
VISA = [Cap(720, 15)]
MASTERCARD = [Cap(24, 10), Cap(720, 35)]


@pytest.mark.parametrize(
    ("code", "advice", "reason", "course"),
    [
        ("insufficient_funds", None, "insufficient_funds", "retry"),
        ("insufficient_funds", "try_again_later", "insufficient_funds", "retry"),
        ("insufficient_funds", "do_not_try_again", "insufficient_funds", "never"),
        ("generic_decline", "confirm_card_data", "bank_declined", "customer"),
        ("expired_card", None, "card_expired", "customer"),
        ("expired_card", "try_again_later", "card_expired", "customer"),
        ("authentication_required", None, "confirmation_needed", "customer"),
        ("processing_error", None, "bank_unreachable", "retry"),
        ("stolen_card", "try_again_later", "bank_declined", "never"),
        ("lost_card", None, "bank_declined", "never"),
        ("fraudulent", None, "bank_declined", "never"),
        ("revocation_of_authorization", None, "consent_withdrawn", "never"),
        ("invalid_account", None, "card_closed", "never"),
        ("a_code_of_next_year", None, "bank_declined", "retry"),
        ("a_code_of_next_year", "do_not_try_again", "bank_declined", "never"),
    ],
)
def test_what_a_decline_means(code: str, advice: str | None, reason: str, course: str) -> None:
    found = verdict_on(code, advice=advice)
    assert (found.reason, found.course) == (reason, course)


@pytest.mark.parametrize("language", documents.languages())
def test_every_reason_has_words_and_a_remedy(language: str) -> None:
    """Why a card was blocked is said to nobody; a confirmation has a mail of its own."""
    words = tomllib.loads((documents.TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))
    told = {*rules.REASONS, "no_method", "card_barred", "scheme_cap", "other"} - {"confirmation_needed"}
    assert set(words["declines"]) == set(words["remedies"]) == told


def test_tries_follow_the_days_and_end() -> None:
    first = date(2026, 1, 31)
    due: list[date | None] = [first]
    for tries in range(1, 6):
        due.append(next_try(started_on=first, tries=tries, days=DAYS, today=due[-1] or first))
    assert due.pop() is None
    assert [str(day) for day in due] == ["2026-01-31", "2026-02-01", "2026-02-03", "2026-02-05", "2026-02-07"]


def test_what_an_outage_missed_is_made_up_one_a_day() -> None:
    first, today = date(2026, 1, 1), date(2026, 1, 20)
    assert next_try(started_on=first, tries=1, days=DAYS, today=today) == date(2026, 1, 21)
    assert next_try(started_on=first, tries=2, days=DAYS, today=date(2026, 1, 21)) == date(2026, 1, 22)
    assert next_try(started_on=first, tries=0, days=DAYS, today=today) == today


@given(tries=st.integers(1, 12), late=st.integers(0, 60))
def test_never_twice_on_a_day(tries: int, late: int) -> None:
    first = date(2026, 3, 1)
    today = first + timedelta(days=late)
    again = next_try(started_on=first, tries=tries, days=DAYS, today=today)
    assert again is None if tries > len(DAYS) else again is not None and again > today


def test_a_visa_has_fifteen_declines_in_thirty_days() -> None:
    declines = [NOW - timedelta(days=day) for day in range(15)]
    assert room_left(VISA, declines, under_way=0, now=NOW) == 0
    assert room_left(VISA, declines[:14], under_way=0, now=NOW) == 1
    assert room_left(VISA, declines[:14], under_way=1, now=NOW) == 0, "one under way may be declined too"
    assert room_left(VISA, declines, under_way=0, now=NOW + timedelta(days=17)) == 2, "declines grow old"


def test_a_mastercard_has_ten_in_a_day_and_thirty_five_in_thirty() -> None:
    assert room_left(MASTERCARD, [NOW] * 10, under_way=0, now=NOW) == 0
    assert room_left(MASTERCARD, [NOW] * 10, under_way=0, now=NOW + timedelta(days=1)) == 10
    assert room_left(MASTERCARD, [NOW - timedelta(days=2)] * 33, under_way=0, now=NOW) == 2
    assert room_left([], [], under_way=0, now=NOW) == 0, "where no cap is known, nothing is allowed"


def test_a_card_is_good_to_the_end_of_its_month() -> None:
    assert (expires_on(2, 2028), expires_on(12, 2026)) == (date(2028, 2, 29), date(2026, 12, 31))


@pytest.mark.parametrize(("left", "told"), [(31, None), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)])
def test_the_tightest_notice_that_is_due(left: int, told: int | None) -> None:
    expires = date(2026, 12, 31)
    assert notice_due(expires, thresholds=(30, 7), today=expires - timedelta(days=left)) == told
