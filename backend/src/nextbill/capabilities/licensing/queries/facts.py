"""What answers to panels rest on: read fresh for each question, many questions in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.rules.verdict import LicenseFacts, Quota, counts_as
from nextbill.runtime.batching import Batcher, Lines

# One row for each question; `n` is its place among the questions. The key of the asking panel is read along: one way to the database, not two.
FACTS: Final = f"""
select a.n, l.plan_code, l.state, l.expires_at, l.server_id, l.features ? a.feature, q.resource, q.limit_count, q.used_count, q.reserved_count,
  {identity.KEY_COLUMNS}
from unnest($1::int[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[]) as a(n, key_hash, feature, plural, singular, panel)
left join identity_panel_key k on k.key_id = a.panel
left join licensing_license l on l.key_hash = a.key_hash
left join lateral (
  select resource, limit_count, used_count, reserved_count from licensing_quota
  where license_id = l.id and resource in (a.plural, a.singular) order by resource desc limit 1
) q on true
"""  # noqa: S608  (identity's own column names)
# The same for one question: a quarter cheaper for the server, and for us, who need no arrays.
FACT: Final = f"""
select 0, l.plan_code, l.state, l.expires_at, l.server_id, l.features ? $2::text, q.resource, q.limit_count, q.used_count, q.reserved_count,
  {identity.KEY_COLUMNS}
from (select) as one
left join identity_panel_key k on k.key_id = $5::text
left join licensing_license l on l.key_hash = $1::bytea
left join lateral (
  select resource, limit_count, used_count, reserved_count from licensing_quota
  where license_id = l.id and resource in ($3::text, $4::text) order by resource desc limit 1
) q on true
"""  # noqa: S608  (identity's own column names)
_KEY_FROM: Final = 10


class Question(NamedTuple):
    """`key_hash`: `LicenseKeys.hash` of the license key; `feature` None asks for the license alone; `panel`: the asking panel's key id."""

    key_hash: bytes
    feature: str | None
    panel: str | None = None


class Found(NamedTuple):
    """None for a license key that no license has, and for a panel's key that there is not or that was not asked about."""

    license: LicenseFacts | None
    panel: identity.PanelKeyFacts | None


Facts = Batcher[Question, Found]


def make_facts(lines: Lines) -> Facts:
    return Batcher(lines.lane(FACTS, single=FACT), values=_values, single=_single, read=_read)


def _single(question: Question) -> Sequence[object]:
    return (question.key_hash, question.feature, *(counts_as(question.feature) or (None, None)), question.panel)


def _values(questions: Sequence[Question]) -> Sequence[object]:
    counted = [counts_as(question.feature) or (None, None) for question in questions]
    return (
        list(range(len(questions))),
        [question.key_hash for question in questions],
        [question.feature for question in questions],
        [plural for plural, _ in counted],
        [singular for _, singular in counted],
        [question.panel for question in questions],
    )


def _read(questions: Sequence[Question], rows: Sequence[Any]) -> list[Found]:
    found: list[Found | None] = [None] * len(questions)
    for row in rows:
        n, plan_code, state, expires_at, server_id, named, resource, limit, used, reserved = row[:_KEY_FROM]
        quota = None if resource is None else Quota(limit, used, reserved)
        license_ = None if state is None else LicenseFacts(plan_code, state, expires_at, server_id, bool(named), resource, quota)
        found[n] = Found(license_, None if row[_KEY_FROM] is None else identity.PanelKeyFacts(*row[_KEY_FROM:]))
    return cast("list[Found]", found)  # the statement has a row for each
