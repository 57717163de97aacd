"""Facts about customers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class TaxDataChanged(Event):
    """Status, tax id, country, state or postal code is another one than before: what a sale bears may be, too."""

    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerRegistered(Event):
    customer_id: UUID
    login_id: UUID
