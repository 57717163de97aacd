"""Payables, attempts, refunds: one open attempt per payable, one net charge, and never more back than came in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0007_payments"
down_revision = "0006_tax"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
PAYABLE_STATES = "state in ('open','paid','settled','cancelled')"
ATTEMPT_STATES = "state in ('requested','open','succeeded','failed','expired','quarantined','parked')"
REFUND_STATES = "state in ('requested','pending','succeeded','failed','parked')"
PAYABLE_MOVES = {"open": ("paid", "settled", "cancelled"), "paid": ("settled",)}
ATTEMPT_MOVES = {
    "requested": ("open", "failed", "expired", "parked", "succeeded", "quarantined"),
    "open": ("succeeded", "failed", "expired", "quarantined"),
    "parked": ("requested", "open", "failed", "expired", "succeeded", "quarantined"),
    "expired": ("succeeded", "quarantined"),
    "failed": ("succeeded", "quarantined"),
    "quarantined": ("succeeded",),
}
REFUND_MOVES = {
    "requested": ("pending", "succeeded", "failed", "parked"),
    "parked": ("pending", "succeeded", "failed"),
    "pending": ("succeeded", "failed"),
    "succeeded": ("failed",),
}


def upgrade() -> None:
    _payable()
    _attempt()
    _refund()
    op.create_table(
        "payments_gateway_customer",
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), primary_key=True),
        sa.Column("gateway_ref", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", UTC, nullable=False),
    )
    op.create_table("payments_event_cursor", sa.Column("gateway", sa.Text, primary_key=True), sa.Column("read_until", UTC, nullable=False))
    _rights()


def _payable() -> None:
    op.create_table(
        "payments_payable",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("reference_type", sa.Text, nullable=False),
        sa.Column("reference_id", sa.Uuid, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("opened_at", UTC, nullable=False),
        sa.Column("cancelled_at", UTC),
        sa.UniqueConstraint("reference_type", "reference_id"),
        sa.CheckConstraint(PAYABLE_STATES, name="state"),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.Index("ix_payments_payable_customer", "customer_id", "id"),
    )


def _attempt() -> None:
    op.create_table(
        "payments_attempt",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("payable_id", sa.Uuid, sa.ForeignKey("payments_payable.id"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("return_url", sa.Text, nullable=False),
        sa.Column("gateway_customer", sa.Text),
        sa.Column("session_ref", sa.Text, unique=True),
        sa.Column("checkout_url", sa.Text),
        sa.Column("payment_ref", sa.Text, unique=True),
        sa.Column("paid_minor", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("refunded_minor", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("surplus", sa.Boolean, nullable=False, server_default=sa.false()),
        *(sa.Column(name, sa.Text) for name in ("error_ref", "error", "error_message")),
        sa.Column("requested_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        *(sa.Column(name, UTC) for name in ("opened_at", "finished_at", "next_check_at")),
        sa.CheckConstraint(ATTEMPT_STATES, name="state"),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("refunded_minor >= 0 and refunded_minor <= paid_minor", name="refunded"),
        sa.Index("uq_payments_attempt_open", "payable_id", unique=True, postgresql_where=sa.text("state in ('requested','open')")),
        sa.Index("uq_payments_attempt_paid", "payable_id", unique=True, postgresql_where=sa.text("state = 'succeeded' and not surplus")),
        sa.Index("ix_payments_attempt_customer", "customer_id", "id"),
        sa.Index("ix_payments_attempt_state", "state", "id"),
        sa.Index("ix_payments_attempt_check", "next_check_at", postgresql_where=sa.text("state = 'open'")),
    )


def _refund() -> None:
    op.create_table(
        "payments_refund",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("attempt_id", sa.Uuid, sa.ForeignKey("payments_attempt.id"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("surplus", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("request_key", sa.Text),
        sa.Column("refund_ref", sa.Text, unique=True),
        sa.Column("error", sa.Text),
        sa.Column("requested_at", UTC, nullable=False),
        *(sa.Column(name, UTC) for name in ("finished_at", "next_check_at")),
        sa.CheckConstraint(REFUND_STATES, name="state"),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.UniqueConstraint("attempt_id", "request_key"),
        sa.Index("ix_payments_refund_attempt_id", "attempt_id"),
        sa.Index("ix_payments_refund_check", "next_check_at", postgresql_where=sa.text("next_check_at is not null")),
    )


def _rights() -> None:
    ddl.customer_owned("payments_payable", app="select, insert")
    ddl.customer_owned("payments_attempt", app="select, insert, update")
    ddl.customer_owned("payments_refund", app="select")
    ddl.customer_owned("payments_gateway_customer", app=None)
    ddl.internal("payments_event_cursor")
    ddl.state_machine("payments_payable", PAYABLE_MOVES)
    ddl.state_machine("payments_attempt", ATTEMPT_MOVES)
    ddl.state_machine("payments_refund", REFUND_MOVES)


def downgrade() -> None:
    for table in ("payments_payable", "payments_attempt", "payments_refund"):
        ddl.no_state_machine(table)
    for table in ("event_cursor", "gateway_customer", "refund", "attempt", "payable"):
        op.drop_table(f"payments_{table}")
