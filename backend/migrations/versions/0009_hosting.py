"""Panel servers, hosting accounts, changes to them, first-login links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0009_hosting"
down_revision = "0008_licensing"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
GONE = "('refused','cancelled','deleted')"
ACCOUNT_MOVES = {
    "waiting": ("requested", "cancelled"),
    "requested": ("ready", "parked", "refused", "cancelled"),
    "parked": ("requested", "ready", "refused", "cancelled"),
    "ready": ("suspended", "deleted"),
    "suspended": ("ready", "deleted"),
}
CHANGE_MOVES = {
    "requested": ("done", "superseded", "parked", "refused"),
    "parked": ("requested", "done", "superseded", "refused"),
}


def upgrade() -> None:
    _servers()
    _accounts()
    _changes()
    _first_logins()
    ddl.internal("hosting_server")
    ddl.customer_owned("hosting_account", app="select")
    ddl.customer_owned("hosting_change", app="select")
    ddl.customer_owned("hosting_first_login", app=None)
    ddl.state_machine("hosting_account", ACCOUNT_MOVES)
    ddl.state_machine("hosting_change", CHANGE_MOVES)


def _servers() -> None:
    op.create_table(
        "hosting_server",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("api_key_sealed", sa.Text, nullable=False),
        sa.Column("api_secret_sealed", sa.Text, nullable=False),
        sa.Column("nameservers", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("provisioning", sa.Text, nullable=False, server_default="accounts"),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("used", sa.Integer, nullable=False, server_default="0"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("health", sa.Text, nullable=False, server_default="unknown"),
        sa.Column("streak", sa.Integer, nullable=False, server_default="0"),
        sa.Column("abilities", pg.JSONB),
        sa.Column("problem", sa.Text),
        sa.Column("tested_at", UTC),
        sa.Column("checked_at", UTC),
        sa.Column("added_at", UTC, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("base_url"),
        sa.CheckConstraint("used >= 0 and used <= capacity", name="used"),
        sa.CheckConstraint("provisioning in ('accounts','license')", name="provisioning"),
        sa.CheckConstraint("state in ('active','draining','disabled')", name="state"),
        sa.CheckConstraint("health in ('unknown','up','down')", name="health"),
        sa.CheckConstraint("cardinality(nameservers) >= 2", name="nameservers"),
    )


def _accounts() -> None:
    op.create_table(
        "hosting_account",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("reference_type", sa.Text, nullable=False),
        sa.Column("reference_id", sa.Uuid, nullable=False),
        sa.Column("server_id", sa.Uuid, sa.ForeignKey("hosting_server.id")),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("plan_code", sa.Text, nullable=False),
        sa.Column("limits", pg.JSONB, nullable=False),
        sa.Column("license_id", sa.Uuid),
        sa.Column("license_key_sealed", sa.Text),
        sa.Column("domain", sa.Text),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("full_name", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("phone", "company", "username", "panel_email", "password_sealed", "panel_ref", "panel_url")),
        sa.Column("suspension_reasons", sa.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("reason", sa.Text),
        sa.Column("requested_at", UTC, nullable=False),
        sa.Column("ready_at", UTC),
        sa.Column("revealed_at", UTC),
        sa.Column("changed_at", UTC, nullable=False),
        sa.UniqueConstraint("reference_type", "reference_id"),
        sa.CheckConstraint("state in ('waiting','requested','parked','ready','suspended','refused','cancelled','deleted')", name="state"),
        sa.CheckConstraint("state not in ('requested','parked','ready','suspended') or server_id is not null", name="has_server"),
        sa.CheckConstraint("state not in ('ready','suspended') or panel_ref is not null", name="has_panel_ref"),
        sa.CheckConstraint("suspension_reasons <@ array['unpaid','abuse','fraud','legal']", name="suspension_reasons"),
        sa.Index("uq_hosting_account_username", "server_id", "username", unique=True, postgresql_where=sa.text(f"state not in {GONE}")),
        sa.Index("uq_hosting_account_panel_ref", "server_id", "panel_ref", unique=True, postgresql_where=sa.text("panel_ref is not null")),
        sa.Index("ix_hosting_account_customer_id", "customer_id"),
        sa.Index("ix_hosting_account_waiting", "id", postgresql_where=sa.text("state = 'waiting'")),
    )


def _changes() -> None:
    op.create_table(
        "hosting_change",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("hosting_account.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_at", UTC, nullable=False),
        sa.Column("done_at", UTC),
        sa.CheckConstraint("kind in ('suspend','unsuspend','delete')", name="kind"),
        sa.CheckConstraint("state in ('requested','done','superseded','parked','refused')", name="state"),
        sa.Index("ix_hosting_change_account_id", "account_id", "id"),
        sa.Index("ix_hosting_change_customer_id", "customer_id"),
    )


def _first_logins() -> None:
    op.create_table(
        "hosting_first_login",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("hosting_account.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.Column("used_at", UTC),
        sa.UniqueConstraint("token_hash"),
        sa.Index("ix_hosting_first_login_account_id", "account_id"),
        sa.Index("ix_hosting_first_login_customer_id", "customer_id"),
    )


def downgrade() -> None:
    ddl.no_state_machine("hosting_change")
    ddl.no_state_machine("hosting_account")
    for table in ("first_login", "change", "account", "server"):
        op.drop_table(f"hosting_{table}")
