"""Tables: panel servers, accounts, changes to accounts, first-login links."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base
from nextbill.runtime.models import UTC_TIME

GONE = "('refused','cancelled','deleted')"


class ServerRow(Base):
    """A panel server. `used` counts the accounts that hold a place; `streak` is the row of equal health checks, negative for down.
    `abilities` is what the connection test found; null before the first one.
    """

    __tablename__ = "hosting_server"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    base_url: Mapped[str] = mapped_column(Text)
    api_key_sealed: Mapped[str] = mapped_column(Text)
    api_secret_sealed: Mapped[str] = mapped_column(Text)
    nameservers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    provisioning: Mapped[str] = mapped_column(Text, server_default=text("'accounts'"))
    capacity: Mapped[int]
    used: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[str] = mapped_column(Text)
    health: Mapped[str] = mapped_column(Text, server_default=text("'unknown'"))
    streak: Mapped[int] = mapped_column(server_default=text("0"))
    abilities: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    problem: Mapped[str | None] = mapped_column(Text)
    tested_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    checked_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    added_at: Mapped[datetime] = mapped_column(UTC_TIME)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        UniqueConstraint("name"),
        UniqueConstraint("base_url"),
        CheckConstraint("used >= 0 and used <= capacity", name="used"),
        CheckConstraint("provisioning in ('accounts','license')", name="provisioning"),
        CheckConstraint("state in ('active','draining','disabled')", name="state"),
        CheckConstraint("health in ('unknown','up','down')", name="health"),
        CheckConstraint("cardinality(nameservers) >= 2", name="nameservers"),
    )


class AccountRow(Base):
    """A hosting account; its id is the panel's `billing_id`. The first password is erased when it has been shown."""

    __tablename__ = "hosting_account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    reference_type: Mapped[str] = mapped_column(Text)
    reference_id: Mapped[UUID]
    server_id: Mapped[UUID | None] = mapped_column(ForeignKey("hosting_server.id"))
    state: Mapped[str] = mapped_column(Text)
    plan_code: Mapped[str] = mapped_column(Text)
    limits: Mapped[dict[str, int | None]] = mapped_column(JSONB)
    license_id: Mapped[UUID | None]
    license_key_sealed: Mapped[str | None] = mapped_column(Text)
    domain: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    full_name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    company: Mapped[str | None] = mapped_column(Text)
    username: Mapped[str | None] = mapped_column(Text)
    panel_email: Mapped[str | None] = mapped_column(Text)
    password_sealed: Mapped[str | None] = mapped_column(Text)
    panel_ref: Mapped[str | None] = mapped_column(Text)
    panel_url: Mapped[str | None] = mapped_column(Text)
    suspension_reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    reason: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UTC_TIME)
    ready_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    revealed_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    changed_at: Mapped[datetime] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("reference_type", "reference_id"),
        CheckConstraint("state in ('waiting','requested','parked','ready','suspended','refused','cancelled','deleted')", name="state"),
        CheckConstraint("state not in ('requested','parked','ready','suspended') or server_id is not null", name="has_server"),
        CheckConstraint("state not in ('ready','suspended') or panel_ref is not null", name="has_panel_ref"),
        CheckConstraint("suspension_reasons <@ array['unpaid','abuse','fraud','legal','paused','ended']", name="suspension_reasons"),
        Index("uq_hosting_account_username", "server_id", "username", unique=True, postgresql_where=text(f"state not in {GONE}")),
        Index("uq_hosting_account_panel_ref", "server_id", "panel_ref", unique=True, postgresql_where=text("panel_ref is not null")),
        Index("ix_hosting_account_customer_id", "customer_id"),
        Index("ix_hosting_account_waiting", "id", postgresql_where=text("state = 'waiting'")),
    )


class ChangeRow(Base):
    """A suspension, its end, or a deletion, to be carried out on the panel. Of several for one account the newest counts."""

    __tablename__ = "hosting_change"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("hosting_account.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    kind: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UTC_TIME)
    done_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("kind in ('suspend','unsuspend','delete')", name="kind"),
        CheckConstraint("state in ('requested','done','superseded','parked','refused')", name="state"),
        Index("ix_hosting_change_account_id", "account_id", "id"),
        Index("ix_hosting_change_customer_id", "customer_id"),
    )


class FirstLoginRow(Base):
    """A link of the welcome mail. Several may be out; the password behind them is shown once."""

    __tablename__ = "hosting_first_login"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("hosting_account.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers_customer.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime] = mapped_column(UTC_TIME)
    expires_at: Mapped[datetime] = mapped_column(UTC_TIME)
    used_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_hosting_first_login_account_id", "account_id"),
        Index("ix_hosting_first_login_customer_id", "customer_id"),
    )
