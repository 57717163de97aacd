"""What is about something is found by that thing's id first: ids grow, so each of these keys grows at its end, and kinds are compared last."""

from __future__ import annotations

from alembic import op

revision = "0030_ids_first"
down_revision = "0029_papers_judged_once"
branch_labels = None
depends_on = None

LIVING = "period_start is not null and not voided"
KEYS = {
    "ledger_journal": ("uq_ledger_journal_fact", "uq_ledger_journal_fact", "kind"),
    "payments_payable": ("uq_payments_payable_reference", "uq_payments_payable_reference_type_reference_id", None),
}
"""Table → name of its key as it is now, and as it was; what else is in it."""
PERIOD = "uq_invoicing_invoice_line_period"


def upgrade() -> None:
    for table, (now, before, more) in KEYS.items():
        _replace(table, now, before, "reference_id, reference_type", more)
    _periods("reference_id, reference_type")


def downgrade() -> None:
    for table, (now, before, more) in KEYS.items():
        _replace(table, before, now, "reference_type, reference_id", more)
    _periods("reference_type, reference_id")


def _replace(table: str, name: str, other: str, columns: str, more: str | None) -> None:
    """Made beside the other one, so that nothing slips in twice meanwhile."""
    op.execute(f"create unique index {table}_next on {table} ({columns}{f', {more}' if more else ''})")
    op.execute(f"alter table {table} drop constraint {other}")
    op.execute(f"alter table {table} add constraint {name} unique using index {table}_next")


def _periods(columns: str) -> None:
    op.execute(f"create unique index {PERIOD}_next on invoicing_invoice_line ({columns}, period_start) where {LIVING}")
    op.execute(f"drop index {PERIOD}")
    op.execute(f"alter index {PERIOD}_next rename to {PERIOD}")
