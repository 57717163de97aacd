"""Plans, endings and their versioned prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0004_catalog"
down_revision = "0003_customers"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
ON_SALE = "state in ('on_sale','withdrawn')"


def upgrade() -> None:
    _plans()
    _endings()
    for table in ("catalog_plan", "catalog_tld"):
        ddl.internal(table, app="select")
    for table in ("catalog_plan_price", "catalog_tld_price"):
        ddl.internal(table, work="select, insert", app="select")
        ddl.append_only(table)


def _plans() -> None:
    op.create_table(
        "catalog_plan",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("tagline", sa.Text, nullable=False),
        sa.Column("features", pg.JSONB, nullable=False),
        sa.Column("limits", pg.JSONB, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, sa.CheckConstraint(ON_SALE, name="state"), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
    )
    op.create_table(
        "catalog_plan_price",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("plan_id", sa.Uuid, sa.ForeignKey("catalog_plan.id"), nullable=False),
        sa.Column("cycle_unit", sa.Text, nullable=False),
        sa.Column("cycle_count", sa.Integer, nullable=False),
        sa.Column("price_minor", sa.BigInteger, sa.CheckConstraint("price_minor >= 0", name="price"), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("cycle_unit in ('day','week','month','year') and cycle_count > 0", name="cycle"),
        sa.UniqueConstraint("plan_id", "cycle_unit", "cycle_count", "currency", "version", name="uq_catalog_plan_price_version"),
    )


def _endings() -> None:
    op.create_table(
        "catalog_tld",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tld", sa.Text, nullable=False, unique=True),
        sa.Column("min_years", sa.Integer, nullable=False),
        sa.Column("max_years", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, sa.CheckConstraint(ON_SALE, name="state"), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("1 <= min_years and min_years <= max_years and max_years <= 10", name="years"),
    )
    op.create_table(
        "catalog_tld_price",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tld_id", sa.Uuid, sa.ForeignKey("catalog_tld.id"), nullable=False),
        sa.Column("operation", sa.Text, sa.CheckConstraint("operation in ('register','renew','transfer')", name="operation"), nullable=False),
        sa.Column("price_minor", sa.BigInteger, sa.CheckConstraint("price_minor >= 0", name="price"), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.UniqueConstraint("tld_id", "operation", "currency", "version", name="uq_catalog_tld_price_version"),
    )


def downgrade() -> None:
    for table in ("tld_price", "tld", "plan_price", "plan"):
        op.drop_table(f"catalog_{table}")
