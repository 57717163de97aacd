"""Subscriptions: what a customer keeps, as sold, with its period."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0013_subscriptions"
down_revision = "0012_orders"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
STATES = "state in ('pending','active','cancelled')"
STARTED = "state <> 'active' or (anchor_on is not null and period_start is not null and period_end > period_start and next_due_on is not null)"
MOVES = {"pending": ("active", "cancelled"), "active": ("cancelled",)}


def upgrade() -> None:
    op.create_table(
        "subscriptions_subscription",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("order_line_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("plan_code", "plan_name", "product_class")),
        sa.Column("price_version", sa.Integer, nullable=False),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("cycle_unit", sa.Text, nullable=False),
        sa.Column("cycle_count", sa.Integer, nullable=False),
        *(sa.Column(name, pg.JSONB, nullable=False) for name in ("limits", "features")),
        sa.Column("anchor_on", sa.Date),
        sa.Column("period_index", sa.Integer, nullable=False, server_default="0"),
        *(sa.Column(name, sa.Date) for name in ("period_start", "period_end", "next_due_on")),
        sa.Column("created_at", UTC, nullable=False),
        *(sa.Column(name, UTC) for name in ("started_at", "cancelled_at")),
        sa.CheckConstraint(STATES, name="state"),
        sa.CheckConstraint("price_minor >= 0", name="price"),
        sa.CheckConstraint(STARTED, name="started"),
        sa.Index("ix_subscriptions_subscription_customer", "customer_id", "id"),
        sa.Index("ix_subscriptions_subscription_due", "next_due_on", postgresql_where=sa.text("state = 'active'")),
    )
    ddl.customer_owned("subscriptions_subscription", app="select")
    ddl.state_machine("subscriptions_subscription", MOVES)


def downgrade() -> None:
    ddl.no_state_machine("subscriptions_subscription")
    op.drop_table("subscriptions_subscription")
