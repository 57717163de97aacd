"""Customers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0003_customers"
down_revision = "0002_identity"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
ADDRESS = ("line_1", "line_2", "city", "state", "postal_code")


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("customers_customer_number")))
    op.create_table(
        "customers_customer",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("company", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("status", sa.Text, sa.CheckConstraint("status in ('consumer','business')", name="status"), nullable=False),
        sa.Column("tax_id", sa.Text),
        sa.Column("locale", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ADDRESS),
        sa.Column("country", sa.CHAR(2)),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.CheckConstraint("tax_id is null or status = 'business'", name="tax_id"),
        sa.CheckConstraint("num_nulls(line_1, line_2, city, state, postal_code, country) in (0, 6)", name="address"),
    )
    op.create_index("ix_customers_customer_name", "customers_customer", [sa.text("lower(name)")])
    # The customer's id is this table's own.
    ddl.customer_owned("customers_customer", app="select, update", column="id")
    op.execute(f"grant usage on sequence customers_customer_number to {ddl.WORK}")


def downgrade() -> None:
    op.drop_table("customers_customer")
    op.execute(sa.schema.DropSequence(sa.Sequence("customers_customer_number")))
