"""Orders that only one page asks for are made for that page, rather than kept for each invoice: what a customer owes by day, the largest invoices, a chunk's
lines by subscription."""

from __future__ import annotations

from alembic import op

revision = "0031_lighter_nights"
down_revision = "0030_ids_first"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_invoicing_invoice_owed": "invoicing_invoice (customer_id, currency, due_on) where due_minor > 0",
    "ix_invoicing_invoice_total": "invoicing_invoice (total_minor, id)",
}
CHUNK, BILLED = "ix_subscriptions_period_chunk", "where chunk_id is not null"


def upgrade() -> None:
    _chunk("chunk_id")
    for name in INDEXES:
        op.execute(f"drop index {name}")


def downgrade() -> None:
    _chunk("chunk_id, subscription_id, period_index")
    for name, on in INDEXES.items():
        op.execute(f"create index {name} on {on}")


def _chunk(columns: str) -> None:
    """Made beside the old one, which is read meanwhile."""
    op.execute(f"create index {CHUNK}_next on subscriptions_period ({columns}) {BILLED}")
    op.execute(f"drop index {CHUNK}")
    op.execute(f"alter index {CHUNK}_next rename to {CHUNK}")
