"""Facts about tax ids. They name the customer; the id itself is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class TaxIdConfirmed(Event):
    """The register knows the id. `waiting_since`: since when we had not known it, so that VAT may have been charged meanwhile."""

    customer_id: UUID
    check_id: UUID
    waiting_since: datetime


@dataclass(frozen=True, kw_only=True)
class TaxIdRefuted(Event):
    """The register does not know the id: VAT is charged, and what was charged stays."""

    customer_id: UUID
    check_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaxTaskOpened(Event):
    """Staff has something to decide."""

    task_id: UUID
    kind: str
    customer_id: UUID
