"""Renewals of names: wished for by their holders, billed by the run, done at the registrar once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0024_domains"
down_revision = "0023_reminders"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
DOMAIN, RENEWAL = "domains_domain", "domains_renewal"
TO_BILL = "state = 'active' and auto_renew and (billed_for is null or billed_for < expires_on)"
STATES = "('held','invoiced','renewing','parked','renewed','lapsed','withdrawn','given_up')"
MOVES = {
    "held": ("withdrawn",),
    "invoiced": ("renewing", "lapsed", "withdrawn"),
    "renewing": ("renewed", "parked", "given_up"),
    "parked": ("renewing", "renewed", "given_up"),
}
CHECKS = {
    "state": f"state in {STATES}",
    "collection": "collection in ('charge','invoice','free')",
    "years": "years between 1 and 10",
    "line": "(invoice_id is null) = (line_id is null)",
    "invoiced": "state <> 'invoiced' or line_id is not null",
    "reason": "state not in ('held','parked') or reason is not null",
    "paid": "state not in ('renewing','parked','renewed','given_up') or paid_at is not null",
    "renewed": "(state = 'renewed') = (expires_on is not null) and expires_on > from_on",
}
LIVES = "state in ('held','invoiced','renewing','parked','renewed')"
INDEXES = (
    ("ix_domains_renewal_domain", ("domain_id", "id"), None),
    ("ix_domains_renewal_customer_id", ("customer_id",), None),
    ("ix_domains_renewal_invoice", ("invoice_id",), "invoice_id is not null"),
    ("ix_domains_renewal_chunk", ("chunk_id", "id"), "chunk_id is not null"),
    ("ix_domains_renewal_unpaid", ("from_on", "id"), "state = 'invoiced'"),
    ("ix_domains_renewal_waiting", ("id",), "state in ('held','renewing','parked')"),
)


def upgrade() -> None:
    op.add_column(DOMAIN, sa.Column("auto_renew", sa.Boolean, nullable=False, server_default=sa.true()))
    # What had expired before was let go: nobody is to find it on an invoice, or their card charged for it, the night after.
    op.execute(f"update {DOMAIN} set auto_renew = false where expires_on < current_date")
    op.add_column(DOMAIN, sa.Column("renews_apart", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column(DOMAIN, sa.Column("billed_for", sa.Date))
    op.create_index("ix_domains_domain_to_bill", DOMAIN, ["expires_on", "id"], postgresql_where=sa.text(TO_BILL))
    op.create_index("ix_domains_domain_to_bill_customer", DOMAIN, ["customer_id", "expires_on"], postgresql_where=sa.text(TO_BILL))
    op.create_table(
        RENEWAL,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("domain_id", sa.Uuid, sa.ForeignKey("domains_domain.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("years", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("alone", sa.Boolean, nullable=False, server_default=sa.false()),
        *(sa.Column(name, sa.Uuid) for name in ("invoice_id", "line_id", "run_id", "chunk_id")),
        sa.Column("reason", sa.Text),
        sa.Column("expires_on", sa.Date),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("paid_at", UTC),
        sa.Column("changed_at", UTC, nullable=False),
        *(sa.CheckConstraint(words, name=name) for name, words in CHECKS.items()),
    )
    op.create_index("uq_domains_renewal_living", RENEWAL, ["domain_id", "from_on"], unique=True, postgresql_where=sa.text(LIVES))
    for name, columns, where in INDEXES:
        op.create_index(name, RENEWAL, list(columns), postgresql_where=sa.text(where) if where else None)
    ddl.customer_owned(RENEWAL, app="select")
    ddl.state_machine(RENEWAL, MOVES)


def downgrade() -> None:
    ddl.no_state_machine(RENEWAL)
    op.drop_table(RENEWAL)
    for name in ("ix_domains_domain_to_bill_customer", "ix_domains_domain_to_bill"):
        op.drop_index(name, DOMAIN)
    for name in ("billed_for", "renews_apart", "auto_renew"):
        op.drop_column(DOMAIN, name)
