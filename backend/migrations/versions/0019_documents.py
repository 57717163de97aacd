"""Documents as files, kept as they were first written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0019_documents"
down_revision = "0018_invoicing"
branch_labels = None
depends_on = None

MAX_BYTES = 8 * 1024 * 1024


def upgrade() -> None:
    op.create_table(
        "invoicing_document",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("kind", sa.Text, sa.CheckConstraint("kind in ('proforma','invoice','credit_note','receipt')", name="kind"), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_at", pg.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("media_type in ('application/pdf','application/xml')", name="media_type"),
        sa.CheckConstraint(f"octet_length(content) between 1 and {MAX_BYTES}", name="size"),
        sa.CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="sha256"),
        sa.UniqueConstraint("kind", "subject_id", "media_type"),
        sa.Index("ix_invoicing_document_customer", "customer_id", "id"),
    )
    # PDFs are compressed already: trying once more costs time and gains nothing.
    op.execute("alter table invoicing_document alter column content set storage external")
    ddl.customer_owned("invoicing_document", app="select")
    op.execute(f"revoke update, delete on invoicing_document from {ddl.WORK}")
    ddl.append_only("invoicing_document")


def downgrade() -> None:
    op.drop_table("invoicing_document")
