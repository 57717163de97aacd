"""Logins, sessions, one-time tokens, throttling, panel keys, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0002_identity"
down_revision = "0001_runtime"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)


def upgrade() -> None:
    _logins()
    _sessions()
    _panel_keys()
    _audit()
    _rights()


def _logins() -> None:
    op.create_table(
        "identity_login",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("role", sa.Text, sa.CheckConstraint("role in ('customer','support','billing','admin')", name="role"), nullable=False),
        sa.Column("customer_id", sa.Uuid, unique=True),
        sa.Column("verified_at", UTC),
        sa.Column("disabled_at", UTC),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.CheckConstraint("(role = 'customer') = (customer_id is not null)", name="customer"),
    )
    op.create_index("uq_identity_login_email", "identity_login", [sa.text("lower(email)")], unique=True)


def _sessions() -> None:
    op.create_table(
        "identity_session",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("login_id", sa.Uuid, sa.ForeignKey("identity_login.id"), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("rotated_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.Column("ended_at", UTC),
        sa.Column(
            "end_reason", sa.Text, sa.CheckConstraint("end_reason in ('logout','logout_all','reuse','password','disabled','role')", name="end_reason")
        ),
        sa.CheckConstraint("(ended_at is null) = (end_reason is null)", name="ended"),
        sa.Index("ix_identity_session_open", "login_id", postgresql_where=sa.text("ended_at is null")),
        sa.Index("ix_identity_session_expires_at", "expires_at"),
    )
    op.create_table(
        "identity_token",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("login_id", sa.Uuid, sa.ForeignKey("identity_login.id"), nullable=False),
        sa.Column("purpose", sa.Text, sa.CheckConstraint("purpose in ('verify_email','reset_password')", name="purpose"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.Column("used_at", UTC),
        sa.Index("ix_identity_token_login_id", "login_id"),
        sa.Index("ix_identity_token_expires_at", "expires_at"),
    )
    op.create_table(
        "identity_throttle",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("window_started_at", UTC, nullable=False),
    )


def _panel_keys() -> None:
    op.create_table(
        "identity_panel_key",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("permissions", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("addresses", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("server_id", sa.Uuid),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("expires_at", UTC),
        sa.Column("revoked_at", UTC),
        sa.Column("last_used_at", UTC),
    )


def _audit() -> None:
    op.create_table(
        "identity_audit",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", UTC, primary_key=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object_type", sa.Text, nullable=False),
        sa.Column("object_id", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("detail", pg.JSONB),
        sa.Column("correlation", sa.Text, nullable=False),
        sa.Index("ix_identity_audit_object", "object_type", "object_id"),
        sa.Index("ix_identity_audit_customer_id", "customer_id"),
    )


def _rights() -> None:
    # A customer's request reads its own login, but never the password's hash.
    ddl.customer_owned("identity_login", app="select (id, email, role, customer_id, verified_at, disabled_at, created_at, version)")
    for table in ("identity_session", "identity_token", "identity_throttle"):
        ddl.internal(table)
    ddl.internal("identity_panel_key", licenses="select")
    ddl.customer_owned("identity_audit", app="insert")
    ddl.append_only("identity_audit")


def downgrade() -> None:
    for table in ("audit", "panel_key", "throttle", "token", "session", "login"):
        op.drop_table(f"identity_{table}")
