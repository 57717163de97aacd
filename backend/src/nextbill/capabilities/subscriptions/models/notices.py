"""What customers were told ahead, each once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME


class NoticeRow(Base):
    """A notice about what comes on `on_day`, at the threshold of `days_before`: the key lets it be given once, whatever it said. Rows of one `group_id` went
    out together, in one mail."""

    __tablename__ = "subscriptions_notice"

    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions_subscription.id"), primary_key=True)
    on_day: Mapped[date] = mapped_column(Date, primary_key=True)
    days_before: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    group_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("kind in ('charge','trial','unpaid','invoice','ending')", name="kind"),
        CheckConstraint("days_before between 0 and 366", name="days_before"),
        Index("ix_subscriptions_notice_group", "group_id"),
        Index("ix_subscriptions_notice_customer_id", "customer_id"),
    )


class PassRow(Base):
    """How far the daily looks have come: all days up to `done_on` were looked at to their end."""

    __tablename__ = "subscriptions_pass"

    what: Mapped[str] = mapped_column(Text, primary_key=True)
    done_on: Mapped[date] = mapped_column(Date)
