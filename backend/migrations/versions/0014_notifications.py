"""Mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0014_notifications"
down_revision = "0013_subscriptions"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notifications_mail",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "reason", "language")),
        sa.Column("state", sa.Text, sa.CheckConstraint("state in ('requested','sent','refused','parked')", name="state"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("message_id", "recipient", "subject")),
        *(sa.Column(name, sa.Text) for name in ("text", "html", "problem")),
        sa.Column("requested_at", UTC, nullable=False),
        sa.Column("sent_at", UTC),
        sa.UniqueConstraint("kind", "reason"),
        sa.Index("ix_notifications_mail_customer_id", "customer_id", "id"),
    )
    ddl.customer_owned("notifications_mail", app="select")
    ddl.state_machine("notifications_mail", {"requested": ["sent", "refused", "parked"], "parked": ["sent", "refused", "requested"]})


def downgrade() -> None:
    ddl.no_state_machine("notifications_mail")
    op.drop_table("notifications_mail")
