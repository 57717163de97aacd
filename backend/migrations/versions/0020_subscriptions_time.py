"""Subscriptions in time: billed periods, changes, discounts, history; when a plan's invoices are made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0020_subscriptions_time"
down_revision = "0019_documents"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
TABLE = "subscriptions_subscription"
STATES = "state in ('pending','trialing','active','past_due','paused','suspended','cancelled','ended')"
STARTED = (
    "state in ('pending','cancelled') "
    "or (anchor_on is not null and period_start is not null and period_end > period_start and next_due_on is not null and started_at is not null)"
)
BILLS = "next_bill_on is null or (state not in ('pending','paused','cancelled','ended') and cancel_on is null)"
CHECKS = {
    "state": STATES,
    "started": STARTED,
    "trial": "state not in ('trialing','active','past_due') or (state = 'trialing') = (period_index < 0)",
    "billed": "billed_index >= -1 and period_index >= -1",
    "bills": BILLS,
    "billing_error": "num_nulls(billing_error, billing_error_at) in (0, 2)",
    "days_ahead": "days_ahead between 0 and 183",
    "collection": "collection in ('charge','invoice')",
    "paused": "(state = 'paused') = (paused_on is not null) and (resume_on is null or resume_on > paused_on)",
    "over": "(state = 'ended') = (ended_at is not null) and (state = 'cancelled') <= (cancelled_at is not null)",
}
OLD_STATES = "state in ('pending','active','cancelled')"
OLD_STARTED = "state <> 'active' or (anchor_on is not null and period_start is not null and period_end > period_start and next_due_on is not null)"
OLD_MOVES = {"pending": ("active", "cancelled"), "active": ("cancelled",)}
MOVES = {
    "pending": ("trialing", "active", "cancelled"),
    "trialing": ("active", "paused", "suspended", "cancelled", "ended"),
    "active": ("past_due", "paused", "suspended", "ended"),
    "past_due": ("active", "suspended", "ended"),
    "paused": ("active", "trialing", "cancelled", "ended"),
    "suspended": ("trialing", "active", "past_due", "cancelled", "ended"),
}
CHANGE_MOVES = {"waiting_payment": ("applied", "withdrawn", "expired"), "scheduled": ("applied", "withdrawn", "refused")}
OPEN = "state in ('waiting_payment','scheduled')"
COLUMNS = (
    ("anchor_index", sa.Integer, "0"),
    ("days_ahead", sa.Integer, "7"),
    ("next_bill_on", sa.Date, None),
    ("billed_index", sa.Integer, "-1"),
    ("collection", sa.Text, "charge"),
    ("change_on", sa.Date, None),
    ("cancel_on", sa.Date, None),
    ("cancel_reason", sa.Text, None),
    ("paused_on", sa.Date, None),
    ("resume_on", sa.Date, None),
    ("billing_error", sa.Text, None),
    ("billing_error_at", UTC, None),
    ("version", sa.Integer, "1"),
    ("ended_at", UTC, None),
)


def upgrade() -> None:
    for name, kind, default in COLUMNS:
        op.add_column(TABLE, sa.Column(name, kind, nullable=default is None, server_default=default))
    op.add_column("catalog_plan", sa.Column("invoice_days_ahead", sa.Integer))
    op.create_check_constraint("days_ahead", "catalog_plan", "invoice_days_ahead between 0 and 183")
    _moves(MOVES)
    for name in ("state", "started"):
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE)
    # Before the rules: what runs today has been billed for its period, and a trial has its own state now.
    op.execute(f"alter table {TABLE} disable trigger {TABLE}_moves")
    op.execute(f"update {TABLE} set state = 'trialing' where state = 'active' and period_index < 0")
    op.execute(f"alter table {TABLE} enable trigger {TABLE}_moves")
    op.execute(f"update {TABLE} set billed_index = period_index where state in ('trialing','active')")
    op.execute(f"update {TABLE} set next_bill_on = period_end where state = 'trialing'")
    op.execute(f"update {TABLE} set days_ahead = least(7, (period_end - period_start) / 2) where state = 'active'")
    op.execute(f"update {TABLE} set next_bill_on = period_end - days_ahead where state = 'active'")
    for name, rule in CHECKS.items():
        op.create_check_constraint(name, TABLE, rule)
    _indexes()
    _periods()
    _discounts()
    _changes()
    _history()
    op.execute(
        "insert into subscriptions_period (subscription_id, period_index, customer_id, period_start, period_end, created_at) "
        f"select id, period_index, customer_id, period_start, period_end, started_at from {TABLE} where state = 'active'"
    )


def _moves(moves: dict[str, tuple[str, ...]]) -> None:
    op.execute(f"drop trigger {TABLE}_moves on {TABLE}")
    ddl.no_state_machine(TABLE)
    ddl.state_machine(TABLE, moves)


def _indexes() -> None:
    op.drop_index("ix_subscriptions_subscription_due", TABLE)
    bills = "state in ('trialing','active','past_due') and billing_error is null and next_bill_on is not null"
    rolls = "state in ('trialing','active','past_due','suspended')"
    op.create_index("ix_subscriptions_subscription_bill", TABLE, ["next_bill_on", "id"], postgresql_where=sa.text(bills))
    op.create_index("ix_subscriptions_subscription_due", TABLE, ["period_end", "id"], postgresql_where=sa.text(rolls))
    paused = "state = 'paused' and resume_on is not null"
    op.create_index("ix_subscriptions_subscription_resume", TABLE, ["resume_on"], postgresql_where=sa.text(paused))
    op.create_index("ix_subscriptions_subscription_error", TABLE, ["billing_error_at"], postgresql_where=sa.text("billing_error is not null"))


def _ids() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("subscription_id", sa.Uuid, sa.ForeignKey(f"{TABLE}.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
    )


def _periods() -> None:
    op.create_table(
        "subscriptions_period",
        *_ids(),
        sa.Column("period_index", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("period_start", "period_end")),
        sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoicing_invoice.id")),
        *(sa.Column(name, sa.Uuid) for name in ("line_id", "closed_by")),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", "period_index"),
        sa.CheckConstraint("period_end > period_start and period_index >= 0", name="period"),
        sa.Index("ix_subscriptions_period_invoice_id", "invoice_id"),
        sa.Index("ix_subscriptions_period_customer_id", "customer_id"),
    )
    living = sa.text("closed_by is null")
    op.create_index(
        "uq_subscriptions_period_start", "subscriptions_period", ["subscription_id", "period_start"], unique=True, postgresql_where=living
    )
    ddl.customer_owned("subscriptions_period", app="select")


def _discounts() -> None:
    subscription_id, customer_id = _ids()
    op.create_table(
        "subscriptions_discount",
        subscription_id,
        customer_id,
        sa.Column("redemption_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("percent_ppm", sa.Integer),
        sa.Column("amount_minor", sa.BigInteger),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("plan_codes", pg.JSONB, nullable=False),
        sa.Column("until_index", sa.Integer),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("subscription_id"),
        sa.CheckConstraint("num_nonnulls(percent_ppm, amount_minor) = 1", name="kind"),
        sa.CheckConstraint("percent_ppm between 1 and 1000000", name="percent"),
        sa.CheckConstraint("amount_minor >= 0", name="amount"),
        sa.CheckConstraint("until_index >= 0", name="until"),
        sa.Index("ix_subscriptions_discount_customer_id", "customer_id"),
    )
    ddl.customer_owned("subscriptions_discount", app="select")


def _changes() -> None:
    table = "subscriptions_change"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid, primary_key=True),
        *_ids(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "direction", "state")),
        *(sa.Column(name, pg.JSONB, nullable=False) for name in ("target", "lines")),
        sa.Column("fingerprint", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("now_minor", "credit_minor", "next_minor")),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("asked_on", "effective_on")),
        sa.Column("valid_until", sa.Date),
        sa.Column("proforma_id", sa.Uuid, sa.ForeignKey("invoicing_proforma.id")),
        sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoicing_invoice.id")),
        sa.Column("asked_by", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("reason", "outcome")),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("settled_at", UTC),
        sa.CheckConstraint("kind in ('plan','cycle','quantity','addons','price')", name="kind"),
        sa.CheckConstraint("direction in ('upgrade','downgrade','same')", name="direction"),
        sa.CheckConstraint("state in ('waiting_payment','scheduled','applied','withdrawn','expired','refused')", name="state"),
        sa.CheckConstraint("state <> 'waiting_payment' or (proforma_id is not null and valid_until is not null and now_minor > 0)", name="waits"),
        sa.CheckConstraint(f"({OPEN}) = (settled_at is null)", name="settled"),
        sa.CheckConstraint("now_minor >= 0 and credit_minor >= 0 and next_minor >= 0", name="amounts"),
        sa.Index("ix_subscriptions_change_subscription", "subscription_id", "id"),
        sa.Index("ix_subscriptions_change_customer", "customer_id", "id"),
    )
    for name, which in {"open": "<> 'price'", "price": "= 'price'"}.items():
        where = sa.text(f"{OPEN} and kind {which}")
        op.create_index(f"uq_subscriptions_change_{name}", table, ["subscription_id"], unique=True, postgresql_where=where)
    for name, column, state in (("scheduled", "effective_on", "scheduled"), ("valid", "valid_until", "waiting_payment")):
        op.create_index(f"ix_subscriptions_change_{name}", table, [column, "id"], postgresql_where=sa.text(f"state = '{state}'"))
    ddl.customer_owned(table, app="select")
    ddl.state_machine(table, CHANGE_MOVES)


def _history() -> None:
    op.create_table(
        "subscriptions_history",
        sa.Column("id", sa.Uuid, primary_key=True),
        *_ids(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "actor")),
        sa.Column("detail", pg.JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Index("ix_subscriptions_history_subscription", "subscription_id", "id"),
        sa.Index("ix_subscriptions_history_customer_id", "customer_id"),
    )
    ddl.customer_owned("subscriptions_history", app="select")
    ddl.append_only("subscriptions_history")


def downgrade() -> None:
    ddl.no_state_machine("subscriptions_change")
    for table in ("history", "change", "discount", "period"):
        op.drop_table(f"subscriptions_{table}")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE)
    for name in ("bill", "due", "resume", "error"):
        op.drop_index(f"ix_subscriptions_subscription_{name}", TABLE)
    op.execute(f"drop trigger {TABLE}_moves on {TABLE}")
    ddl.no_state_machine(TABLE)
    op.execute(f"update {TABLE} set cancelled_at = coalesce(cancelled_at, ended_at) where state = 'ended'")
    op.execute(f"update {TABLE} set state = case when state = 'ended' then 'cancelled' else 'active' end where state not in ('pending','cancelled')")
    ddl.state_machine(TABLE, OLD_MOVES)
    op.create_check_constraint("state", TABLE, OLD_STATES)
    op.create_check_constraint("started", TABLE, OLD_STARTED)
    op.create_index("ix_subscriptions_subscription_due", TABLE, ["next_due_on"], postgresql_where=sa.text("state = 'active'"))
    op.drop_constraint(op.f("ck_catalog_plan_days_ahead"), "catalog_plan")
    op.drop_column("catalog_plan", "invoice_days_ahead")
    for name, _kind, _default in reversed(COLUMNS):
        op.drop_column(TABLE, name)
