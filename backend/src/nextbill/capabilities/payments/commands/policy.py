"""What payments has to know of the shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from nextbill.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """`live` is our own mode, `zone` the seller's time zone, whose days count; `retry_days` after the first decline of a charge."""

    live: bool
    zone: str
    retry_days: tuple[int, ...]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.live, settings.company_time_zone, settings.retry_days)
