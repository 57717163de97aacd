"""`bench usage`: reporting what was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from nextbill_lab.bench import panel
from nextbill_lab.bench.population import key_of
from nextbill_lab.bench.taking import Outcome

RESOURCE = "databases"


class Usage:
    """A race takes away more than there is."""

    name = "usage"
    path = panel.USAGE
    permissions: Sequence[str] = ("usage",)
    target_r: float | None = None
    ledgers: Sequence[tuple[str, LiteralString]] = (
        ("receipts", "select license_id, count(*) from licensing_usage_receipt group by license_id"),
        ("events", "select license_id, sum(abs(used_after - used_before)) from licensing_usage_event group by license_id"),
        # The license that is raced for keeps in its limit how many there were.
        (
            "quotas",
            (
                "select license_id, case when limit_count = 1000000 then used_count else limit_count - used_count end "
                "from licensing_quota where used_count > 0 or limit_count <> 1000000"
            ),
        ),
    )
    contest: LiteralString = (
        "update licensing_quota set (used_count, limit_count) = (select u, u from (values (%s::int)) as given (u)) "
        "where license_id = %s and resource = 'databases'"
    )

    def body(self, number: int, word: str, *, contested: bool) -> dict[str, Any]:
        action = "deleted" if contested else "created"
        return {"license_key": key_of(number), "resource": RESOURCE, "action": action, "count": 1, "event_id": word}

    def outcome(self, status: int, answer: Any, word: str) -> Outcome | None:
        if not isinstance(answer, dict):
            return None
        if status == 409:
            return "refused" if answer.get("code") == "usage_below_zero" and answer.get("used") == 0 else None
        if status != 200 or answer.get("resource") != RESOURCE or not isinstance(answer.get("used"), int) or answer["used"] < 0:
            return None
        if answer.get("applied") is True:
            return "taken"
        return "known" if answer.get("applied") is False else None
