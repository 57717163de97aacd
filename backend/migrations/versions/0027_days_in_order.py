"""Days that follow the order of writing are found by their blocks, and states by index where they are rare: a billed invoice has three index entries less."""

from __future__ import annotations

from alembic import op

revision = "0027_days_in_order"
down_revision = "0026_billing_weight"
branch_labels = None
depends_on = None

BLOCKS = "with (pages_per_range = 32)"
INDEXES = {
    "ix_ledger_journal_booked_on": (f"ledger_journal using brin (booked_on) {BLOCKS}", "ledger_journal (booked_on)"),
    "ix_invoicing_invoice_issued": (f"invoicing_invoice using brin (issued_on) {BLOCKS}", "invoicing_invoice (issued_on, id)"),
    "ix_invoicing_invoice_state": ("invoicing_invoice (state, id) where state not in ('open', 'paid')", "invoicing_invoice (state, id)"),
}
"""Name → as it is now, and as it was. Most invoices are paid, which the newest by id show at once; what is open has an index of its own."""


def upgrade() -> None:
    for name, (now, _before) in INDEXES.items():
        _replace(name, now)


def downgrade() -> None:
    for name, (_now, before) in INDEXES.items():
        _replace(name, before)


def _replace(name: str, on: str) -> None:
    op.execute(f"drop index {name}")
    op.execute(f"create index {name} on {on}")
