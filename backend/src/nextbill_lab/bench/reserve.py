"""`bench reserve`: holding a unit of a quota."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from nextbill_lab.bench import panel
from nextbill_lab.bench.population import key_of
from nextbill_lab.bench.taking import Outcome

RESOURCE = "databases"
TTL_SECONDS = 3600


class Reserve:
    name = "reserve"
    path = panel.RESERVE
    permissions: Sequence[str] = ("reservations",)
    target_r: float | None = 1.2
    ledgers: Sequence[tuple[str, LiteralString]] = (
        ("quotas", "select license_id, reserved_count from licensing_quota where reserved_count > 0"),
        ("reservations", "select license_id, sum(quantity) from licensing_reservation where state = 'held' group by license_id"),
    )
    contest: LiteralString = "update licensing_quota set limit_count = %s where license_id = %s and resource = 'databases'"

    def body(self, number: int, word: str, *, contested: bool) -> dict[str, Any]:
        return {"license_key": key_of(number), "resource": RESOURCE, "quantity": 1, "ttl_seconds": TTL_SECONDS, "external_id": word}

    def outcome(self, status: int, answer: Any, word: str) -> Outcome | None:
        if not isinstance(answer, dict):
            return None
        if status == 409:
            return "refused" if answer.get("code") == "quota_exceeded" and answer.get("remaining_quota") == 0 else None
        held = answer.get("status") == "held" and answer.get("resource") == RESOURCE and answer.get("quantity") == 1 and bool(answer.get("id"))
        if not held or not isinstance(answer.get("remaining_quota"), int) or answer["remaining_quota"] < 0:
            return None
        if status == 201:
            return "taken"
        return "known" if status == 200 else None
