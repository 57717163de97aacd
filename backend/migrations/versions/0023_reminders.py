"""What customers are told ahead, each once; accounts and licenses rest and end with their subscription."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0023_reminders"
down_revision = "0022_renewal"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
LIVING = "cancel_on is not null and state in ('trialing','active','past_due','paused','suspended')"
FORMER = ("unpaid", "abuse", "fraud", "legal")
REASONS = {"hosting_account": (*FORMER, "paused", "ended"), "licensing_license": (*FORMER, "paused")}


def upgrade() -> None:
    op.create_table(
        "subscriptions_notice",
        sa.Column("subscription_id", sa.Uuid, sa.ForeignKey("subscriptions_subscription.id"), primary_key=True),
        sa.Column("on_day", sa.Date, primary_key=True),
        sa.Column("days_before", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("kind in ('charge','trial','unpaid','invoice','ending')", name="kind"),
        sa.CheckConstraint("days_before between 0 and 366", name="days_before"),
        sa.Index("ix_subscriptions_notice_group", "group_id"),
        sa.Index("ix_subscriptions_notice_customer_id", "customer_id"),
    )
    op.create_table(
        "domains_notice",
        sa.Column("domain_id", sa.Uuid, sa.ForeignKey("domains_domain.id"), primary_key=True),
        sa.Column("expires_on", sa.Date, primary_key=True),
        sa.Column("days_before", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("days_before between -30 and 366", name="days_before"),
        sa.Index("ix_domains_notice_customer_id", "customer_id"),
    )
    for capability in ("subscriptions", "domains"):
        op.create_table(f"{capability}_pass", sa.Column("what", sa.Text, primary_key=True), sa.Column("done_on", sa.Date, nullable=False))
        ddl.internal(f"{capability}_pass")
        ddl.customer_owned(f"{capability}_notice", app=None)
        ddl.append_only(f"{capability}_notice")
    op.create_index("ix_subscriptions_subscription_cancel", "subscriptions_subscription", ["cancel_on", "id"], postgresql_where=sa.text(LIVING))
    op.create_index("ix_domains_domain_expires", "domains_domain", ["expires_on", "id"], postgresql_where=sa.text("state = 'active'"))
    for table, reasons in REASONS.items():
        _allow(table, reasons)


def downgrade() -> None:
    for table in REASONS:
        # What rests or has ended is suspended still: by staff's word, as it would have been before.
        op.execute(f"update {table} set suspension_reasons = array['legal'] where suspension_reasons && array['paused','ended']")
        _allow(table, FORMER)
    op.drop_index("ix_domains_domain_expires", "domains_domain")
    op.drop_index("ix_subscriptions_subscription_cancel", "subscriptions_subscription")
    for capability in ("domains", "subscriptions"):
        op.drop_table(f"{capability}_pass")
        op.drop_table(f"{capability}_notice")


def _allow(table: str, reasons: tuple[str, ...]) -> None:
    listed = ",".join(f"'{reason}'" for reason in reasons)
    op.drop_constraint(op.f(f"ck_{table}_suspension_reasons"), table)
    op.create_check_constraint("suspension_reasons", table, f"suspension_reasons <@ array[{listed}]")
