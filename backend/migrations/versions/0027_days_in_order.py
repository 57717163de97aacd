"""What follows the order of writing for good is found by its blocks, states by index where they are rare. What is past due is looked at again."""

from __future__ import annotations

from alembic import op

revision = "0027_days_in_order"
down_revision = "0026_billing_weight"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_invoicing_invoice_issued": ("invoicing_invoice (issued_on)", "invoicing_invoice (issued_on, id)"),
    "ix_invoicing_invoice_state": ("invoicing_invoice (state, id) where state not in ('open', 'paid')", "invoicing_invoice (state, id)"),
    "ix_ledger_journal_booked_on": (
        "ledger_journal using brin (booked_on) with (pages_per_range = 32, autosummarize = on)",
        "ledger_journal (booked_on)",
    ),
}
"""Name → as it is now, and as it was; in the order in which billing takes the tables. Most invoices are paid, which the newest by id show at once; what is
open has an index of its own. A journal is never changed, so its days stay in order; an invoice moves when it is paid."""
PAST_DUE = "ix_subscriptions_subscription_past_due"


def upgrade() -> None:
    for name, (now, _before) in INDEXES.items():
        _replace(name, now)
    op.execute(f"create index {PAST_DUE} on subscriptions_subscription (id) where state = 'past_due'")


def downgrade() -> None:
    op.execute(f"drop index {PAST_DUE}")
    for name, (_now, before) in INDEXES.items():
        _replace(name, before)


def _replace(name: str, on: str) -> None:
    """Made beside the old one, which is read meanwhile."""
    op.execute(f"create index {name}_next on {on}")
    op.execute(f"drop index {name}")
    op.execute(f"alter index {name}_next rename to {name}")
