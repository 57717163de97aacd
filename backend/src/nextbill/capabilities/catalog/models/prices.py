"""Columns that every versioned price has. A price never changes: a new one is a new version."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CHAR, BigInteger, Date, Text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.models import UTC_TIME

CYCLE = "cycle_unit in ('day','week','month','year','once') and cycle_count between 1 and 120 and (cycle_unit <> 'once' or cycle_count = 1)"
"""`once`: charged once, with no period after it."""


class Versioned:
    """In force from `valid_from` on, until a later version is."""

    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    version: Mapped[int]
    valid_from: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)


class ByCycle(Versioned):
    cycle_unit: Mapped[str] = mapped_column(Text)
    cycle_count: Mapped[int]
