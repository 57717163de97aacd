"""Domain names, and the registrar's records of their registrants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0010_domains"
down_revision = "0009_hosting"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
STATES = "('pending','parked','active','refused','cancelled','expired','transferring','transferred','redemption')"
GONE = "('refused','cancelled','expired','transferred')"
MOVES = {
    "pending": ("active", "refused", "parked", "cancelled"),
    "parked": ("pending", "active", "refused", "cancelled"),
    "active": ("expired", "transferring", "transferred", "redemption", "cancelled"),
    "transferring": ("active", "transferred", "cancelled"),
    "expired": ("active", "redemption"),
    "redemption": ("active", "expired"),
}


def upgrade() -> None:
    op.create_table(
        "domains_domain",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("reference_type", sa.Text, nullable=False),
        sa.Column("reference_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("tld", sa.Text, nullable=False),
        sa.Column("years", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("nameservers", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("registrant_sealed", sa.Text, nullable=False),
        sa.Column("registrant_fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("registrar_ref", sa.Text),
        sa.Column("expires_on", sa.Date),
        sa.Column("cost_minor", sa.BigInteger),
        sa.Column("cost_currency", sa.CHAR(3)),
        sa.Column("reason", sa.Text),
        sa.Column("faults", pg.JSONB),
        sa.Column("requested_at", UTC, nullable=False),
        sa.Column("registered_at", UTC),
        sa.Column("changed_at", UTC, nullable=False),
        sa.CheckConstraint(f"state in {STATES}", name="state"),
        sa.CheckConstraint("years between 1 and 10", name="years"),
        sa.CheckConstraint("name = lower(name)", name="name"),
        sa.CheckConstraint("cardinality(nameservers) >= 2", name="nameservers"),
        sa.CheckConstraint("(cost_minor is null) = (cost_currency is null)", name="cost"),
        sa.CheckConstraint("state <> 'active' or registrar_ref is not null", name="has_registrar_ref"),
        sa.Index("uq_domains_domain_live_name", "name", unique=True, postgresql_where=sa.text(f"state not in {GONE}")),
        sa.Index(
            "uq_domains_domain_reference",
            "reference_type",
            "reference_id",
            unique=True,
            postgresql_where=sa.text("state not in ('refused','cancelled')"),
        ),
        sa.Index("ix_domains_domain_customer_id", "customer_id"),
    )
    op.create_table(
        "domains_handle",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("tld", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("customer_ref", sa.Text, nullable=False),
        sa.Column("contact_ref", sa.Text, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.UniqueConstraint("customer_id", "tld", "fingerprint"),
    )
    ddl.customer_owned("domains_domain", app="select")
    ddl.customer_owned("domains_handle", app=None)
    ddl.state_machine("domains_domain", MOVES)


def downgrade() -> None:
    ddl.no_state_machine("domains_domain")
    op.drop_table("domains_handle")
    op.drop_table("domains_domain")
