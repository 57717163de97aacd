"""Tax rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0006_tax"
down_revision = "0005_ledger"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tax_rule",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("country", sa.CHAR(2), nullable=False, index=True),
        sa.Column("state", sa.Text),
        sa.Column("product_class", sa.Text),
        sa.Column("buyer", sa.Text, sa.CheckConstraint("buyer in ('any','consumer','business','registered')", name="buyer"), nullable=False),
        sa.Column("rate_ppm", sa.Integer, sa.CheckConstraint("rate_ppm between 0 and 1000000", name="rate"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("valid_until is null or valid_until > valid_from", name="days"),
    )
    ddl.internal("tax_rule", work="select, insert, update (valid_until)", app="select")


def downgrade() -> None:
    op.drop_table("tax_rule")
