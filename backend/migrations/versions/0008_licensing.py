"""Licenses and their quotas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0008_licensing"
down_revision = "0007_payments"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "licensing_license",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("reference_type", sa.Text, nullable=False),
        sa.Column("reference_id", sa.Uuid, nullable=False),
        sa.Column("plan_code", sa.Text, nullable=False),
        sa.Column("plan_name", sa.Text, nullable=False),
        sa.Column("features", pg.JSONB, nullable=False),
        sa.Column("key_sealed", sa.Text, nullable=False),
        sa.Column("key_hash", sa.LargeBinary, nullable=False),
        sa.Column("key_hint", sa.Text, nullable=False),
        sa.Column("server_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("suspension_reasons", sa.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("expires_at", UTC),
        sa.Column("issued_at", UTC, nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.UniqueConstraint("reference_type", "reference_id"),
        sa.UniqueConstraint("key_hash"),
        sa.CheckConstraint("state in ('active','suspended','cancelled')", name="state"),
        sa.CheckConstraint("state = 'cancelled' or (state = 'suspended') = (cardinality(suspension_reasons) > 0)", name="suspended_for_a_reason"),
        sa.CheckConstraint("suspension_reasons <@ array['unpaid','abuse','fraud','legal']", name="suspension_reasons"),
        sa.Index("ix_licensing_license_customer", "customer_id", "id"),
    )
    op.create_table(
        "licensing_quota",
        sa.Column("license_id", sa.Uuid, sa.ForeignKey("licensing_license.id"), primary_key=True),
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("limit_count", sa.Integer),
        sa.Column("used_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reserved_count", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint("limit_count >= 0", name="limit_count"),
        sa.CheckConstraint("used_count >= 0", name="used_count"),
        sa.CheckConstraint("reserved_count >= 0", name="reserved_count"),
        sa.Index("ix_licensing_quota_customer_id", "customer_id"),
    )
    ddl.customer_owned("licensing_license", app="select")
    ddl.customer_owned("licensing_quota", app="select")
    # The hot path reads what it decides by, and no sealed key.
    ddl.license_may("licensing_license", "select (id, plan_code, features, key_hash, server_id, state, expires_at)")
    ddl.license_may("licensing_quota", "select (license_id, resource, limit_count, used_count, reserved_count)")
    ddl.state_machine("licensing_license", {"active": ("suspended", "cancelled"), "suspended": ("active", "cancelled")})


def downgrade() -> None:
    ddl.no_state_machine("licensing_license")
    op.drop_table("licensing_quota")
    op.drop_table("licensing_license")
