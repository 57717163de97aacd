"""Orders and their lines, as sold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0012_orders"
down_revision = "0011_invoicing"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
ORDER_STATES = "state in ('pending','paid','completed','cancelled')"
LINE_STATES = "state in ('waiting','requested','delivered','refused','delayed','parked','cancelled')"
ORDER_MOVES = {"pending": ("paid", "cancelled"), "paid": ("completed", "cancelled")}
LINE_MOVES = {
    "waiting": ("requested", "delivered", "refused", "delayed", "parked", "cancelled"),
    "requested": ("delivered", "refused", "delayed", "parked", "cancelled"),
    "refused": ("requested", "delivered", "delayed", "parked", "cancelled"),
    "delayed": ("requested", "delivered", "refused", "parked", "cancelled"),
    "parked": ("requested", "delivered", "refused", "delayed", "cancelled"),
}


def upgrade() -> None:
    op.create_table(
        "orders_counter",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    _order()
    _line()
    ddl.internal("orders_counter", app="select, insert, update")
    ddl.customer_owned("orders_order")
    ddl.customer_owned("orders_line", app="select, insert")
    ddl.state_machine("orders_order", ORDER_MOVES)
    ddl.state_machine("orders_line", LINE_MOVES)


def _order() -> None:
    op.create_table(
        "orders_order",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("number", sa.Text, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("net_minor", sa.BigInteger, nullable=False),
        sa.Column("tax_minor", sa.BigInteger, nullable=False),
        sa.Column("proforma_id", sa.Uuid),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("cart_fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("terms_version", sa.Text, nullable=False),
        sa.Column("customer_status", sa.Text, nullable=False),
        sa.Column("immediate_start", sa.Boolean, nullable=False),
        sa.Column("registrar_terms", sa.Boolean, nullable=False),
        sa.Column("consent_address", sa.Text, nullable=False),
        *(sa.Column(name, UTC, nullable=False) for name in ("consented_at", "placed_at")),
        *(sa.Column(name, UTC) for name in ("paid_at", "completed_at", "cancelled_at")),
        sa.Column("cancel_reason", sa.Text),
        sa.Column("overdue_at", UTC),
        sa.UniqueConstraint("customer_id", "idempotency_key"),
        sa.CheckConstraint(ORDER_STATES, name="state"),
        sa.CheckConstraint("net_minor >= 0 and tax_minor >= 0", name="amounts"),
        sa.CheckConstraint("customer_status in ('consumer','business')", name="customer_status"),
        sa.Index("ix_orders_order_customer", "customer_id", "id"),
        sa.Index("ix_orders_order_state", "state", "id"),
        sa.Index("ix_orders_order_unfinished", "paid_at", postgresql_where=sa.text("state = 'paid'")),
    )


def _line() -> None:
    op.create_table(
        "orders_line",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "description", "product_class")),
        sa.Column("plan_id", sa.Uuid),
        *(sa.Column(name, sa.Text) for name in ("plan_code", "plan_name", "cycle_unit")),
        sa.Column("cycle_count", sa.Integer),
        *(sa.Column(name, pg.JSONB, nullable=False) for name in ("limits", "features")),
        *(sa.Column(name, sa.Text) for name in ("domain_name", "domain_choice")),
        sa.Column("years", sa.Integer),
        sa.Column("hosting_line_id", sa.Uuid, sa.ForeignKey("orders_line.id")),
        sa.Column("price_version", sa.Integer, nullable=False),
        sa.Column("net_minor", sa.BigInteger, nullable=False),
        sa.Column("tax_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("result", pg.JSONB, nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.UniqueConstraint("order_id", "position"),
        sa.CheckConstraint(LINE_STATES, name="state"),
        sa.CheckConstraint("kind in ('hosting','domain')", name="kind"),
        sa.CheckConstraint("domain_choice in ('register','own')", name="domain_choice"),
        sa.CheckConstraint("kind <> 'hosting' or (plan_code is not null and cycle_unit is not null)", name="plan"),
        sa.CheckConstraint("kind <> 'domain' or (domain_name is not null and years is not null)", name="domain"),
        sa.Index("ix_orders_line_customer_id", "customer_id"),
        sa.Index("ix_orders_line_refused", "changed_at", postgresql_where=sa.text("state = 'refused'")),
    )


def downgrade() -> None:
    for table in ("orders_line", "orders_order"):
        ddl.no_state_machine(table)
    for table in ("line", "order", "counter"):
        op.drop_table(f"orders_{table}")
