"""Tables of identity. Secrets are hashes (passwords, one-time tokens) or encrypted (panel secrets); nothing here can be used as it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from nextbill.runtime.database import Base

UTC_TIME = TIMESTAMP(timezone=True)


class LoginRow(Base):
    """Who can log in. A customer's login has a customer; staff have none. `version` counts changes by staff."""

    __tablename__ = "identity_login"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID | None] = mapped_column(unique=True)
    verified_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    disabled_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("role in ('customer','support','billing','admin')", name="role"),
        CheckConstraint("(role = 'customer') = (customer_id is not null)", name="customer"),
        Index("uq_identity_login_email", func.lower(text("email")), unique=True),
    )


class SessionRow(Base):
    """One log-in and all tokens that follow from it. Refresh tokens are derived from (id, generation, salt) and the secret key, so none is stored."""

    __tablename__ = "identity_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login_id: Mapped[UUID] = mapped_column(ForeignKey("identity_login.id"))
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    generation: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    rotated_at: Mapped[datetime] = mapped_column(UTC_TIME)
    expires_at: Mapped[datetime] = mapped_column(UTC_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    end_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("end_reason in ('logout','logout_all','reuse','password','disabled','role')", name="end_reason"),
        CheckConstraint("(ended_at is null) = (end_reason is null)", name="ended"),
        Index("ix_identity_session_open", "login_id", postgresql_where=text("ended_at is null")),
        Index("ix_identity_session_expires_at", "expires_at"),
    )


class TokenRow(Base):
    """A single-use token for one purpose, sent by mail. Only its SHA-256 is here."""

    __tablename__ = "identity_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login_id: Mapped[UUID] = mapped_column(ForeignKey("identity_login.id"))
    purpose: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    expires_at: Mapped[datetime] = mapped_column(UTC_TIME)
    used_at: Mapped[datetime | None] = mapped_column(UTC_TIME)

    __table_args__ = (
        CheckConstraint("purpose in ('verify_email','reset_password')", name="purpose"),
        Index("ix_identity_token_login_id", "login_id"),
        Index("ix_identity_token_expires_at", "expires_at"),
    )


class ThrottleRow(Base):
    """Attempts of one subject (an account or an address, hashed) in the present window."""

    __tablename__ = "identity_throttle"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    attempts: Mapped[int]
    window_started_at: Mapped[datetime] = mapped_column(UTC_TIME)


class PanelKeyRow(Base):
    """A panel server's API key. `addresses`: ranges it may come from, none means all. `last_used_at` is not written per call."""

    __tablename__ = "identity_panel_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    addresses: Mapped[list[str]] = mapped_column(ARRAY(Text))
    server_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(UTC_TIME)
    expires_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    revoked_at: Mapped[datetime | None] = mapped_column(UTC_TIME)
    last_used_at: Mapped[datetime | None] = mapped_column(UTC_TIME)


class AuditRow(Base):
    """Who did what to which object, and why. Append-only; references, no personal data. The key holds `at`, so that months can be partitions."""

    __tablename__ = "identity_audit"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTC_TIME, primary_key=True)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    object_type: Mapped[str] = mapped_column(Text)
    object_id: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    correlation: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_identity_audit_object", "object_type", "object_id"), Index("ix_identity_audit_customer_id", "customer_id"))
