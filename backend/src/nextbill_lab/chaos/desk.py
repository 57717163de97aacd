"""Staff's desk: reads everything, presses the two buttons, and writes down why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from nextbill_lab.chaos.patience import Patience
from nextbill_lab.customer import listed
from nextbill_lab.others import Staff
from nextbill_lab.system import System
from nextbill_lab.trouble import Missing, Refused

REASON = "The cause is gone: once more"
Row = dict[str, Any]


@dataclass
class Desk:
    """`parked`: step and cause → how often; `nameless`: steps that were parked without a cause; `requeued`: job and error → how often."""

    system: System
    patience: Patience
    parked: Counter[str] = field(default_factory=Counter)
    nameless: list[str] = field(default_factory=list)
    requeued: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._staff = Staff(self.system)

    async def close(self) -> None:
        await self._staff.close()

    async def _log_in(self) -> None:
        login = self.system.staff()
        if login is None:
            raise Missing("no staff login is known", where="DATA/running.json")
        await self._staff.log_in(login)

    async def call(self, method: str, path: str, **options: Any) -> Any:
        return await self.patience.ask(f"staff: {method} {path}", lambda: self._staff.api.call(method, path, **options), log_in=self._log_in)

    async def get(self, path: str, **query: str | int) -> Any:
        return await self.call("GET", path, query=query)

    async def all(self, path: str, **query: str | int) -> list[Row]:
        """All pages of a list."""
        rows: list[Row] = []
        more: dict[str, str | int] = {}
        while True:
            page = await self.get(path, limit=200, **query, **more)
            rows += listed(page)
            if not isinstance(page, dict) or not page.get("next_cursor"):
                return rows
            more = {"cursor": page["next_cursor"]}

    async def waiting(self) -> tuple[list[Row], list[Row]]:
        """Parked steps, and jobs that failed."""
        return await self.all("/admin/parked"), listed(await self.get("/admin/jobs/failed", limit=200))

    async def press_buttons(self) -> int:
        """Retry on every parked step, requeue on every failed job; how many there were."""
        parked, failed = await self.waiting()
        for step in parked:
            self.parked[f"{step['step']}: {step['reason']}"] += 1
            if not step["cause"] or not step["reason"]:
                self.nameless.append(f"{step['step']} of {step['subject']}")
            await self._press(f"/admin/steps/{step['step_id']}/retry")
        for job in failed:
            self.requeued[f"{job['job']}: {job['error']}"] += 1
            await self._press(f"/admin/jobs/{job['id']}/requeue")
        return len(parked) + len(failed)

    async def _press(self, path: str) -> None:
        try:
            await self.call("POST", path, body={"reason": REASON})
        except Refused as no:
            if no.status != 409:  # it went on by itself meanwhile
                raise
