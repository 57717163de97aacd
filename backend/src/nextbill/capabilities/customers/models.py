"""The customer's row: profile and address. The e-mail address is the login's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, CheckConstraint, Index, Sequence, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base

UTC_TIME = TIMESTAMP(timezone=True)

# People see CUS-000042. Gaps do no harm here, so a sequence will do.
NUMBERS = Sequence("customers_customer_number", metadata=Base.metadata)


class CustomerRow(Base):
    """`id` is the customer id of all other tables. The address is there as a whole or not at all (`country` tells).

    Documents go to `invoice_email` where there is one, and bear `buyer_reference`."""

    __tablename__ = "customers_customer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    company: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    tax_id: Mapped[str | None] = mapped_column(Text)
    invoice_email: Mapped[str | None] = mapped_column(Text)
    buyer_reference: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    line_1: Mapped[str | None] = mapped_column(Text)
    line_2: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str | None] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(CHAR(2))
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("status in ('consumer','business')", name="status"),
        CheckConstraint("tax_id is null or status = 'business'", name="tax_id"),
        CheckConstraint("num_nulls(line_1, line_2, city, state, postal_code, country) in (0, 6)", name="address"),
        Index("ix_customers_customer_name", text("lower(name)")),
    )
