"""What answers to panels rest on: read fresh for each question, many questions in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from nextbill.capabilities.licensing.rules.verdict import LicenseFacts, Quota, counts_as
from nextbill.runtime.batching import Batcher, Lines

# One row for each question whose license exists; `n` is its place among the questions.
FACTS: Final = """
select a.n, l.plan_code, l.state, l.expires_at, l.server_id, l.features ? a.feature, q.resource, q.limit_count, q.used_count, q.reserved_count
from unnest($1::int[], $2::bytea[], $3::text[], $4::text[], $5::text[]) as a(n, key_hash, feature, plural, singular)
join licensing_license l on l.key_hash = a.key_hash
left join lateral (
  select resource, limit_count, used_count, reserved_count from licensing_quota
  where license_id = l.id and resource in (a.plural, a.singular) order by resource desc limit 1
) q on true
"""


class Question(NamedTuple):
    """`key_hash`: `LicenseKeys.hash` of the license key; `feature` None asks for the license alone."""

    key_hash: bytes
    feature: str | None


Facts = Batcher[Question, LicenseFacts | None]


def make_facts(lines: Lines) -> Facts:
    """None for a key that no license has."""
    return Batcher(lines.lane(FACTS), values=_values, read=_read)


def _values(questions: Sequence[Question]) -> Sequence[object]:
    counted = [counts_as(question.feature) or (None, None) for question in questions]
    return (
        list(range(len(questions))),
        [question.key_hash for question in questions],
        [question.feature for question in questions],
        [plural for plural, _ in counted],
        [singular for _, singular in counted],
    )


def _read(questions: Sequence[Question], rows: Sequence[Any]) -> list[LicenseFacts | None]:
    found: list[LicenseFacts | None] = [None] * len(questions)
    for n, plan_code, state, expires_at, server_id, named, resource, limit, used, reserved in rows:
        quota = None if resource is None else Quota(limit, used, reserved)
        found[n] = LicenseFacts(plan_code, state, expires_at, server_id, bool(named), resource, quota)
    return found
