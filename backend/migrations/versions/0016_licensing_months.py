"""Months are made with the owner's rights: a caller's temporary objects come last, else its own view could stand in for a catalog and run as the owner."""

from __future__ import annotations

from alembic import op

revision = "0016_licensing_months"
down_revision = "0015_licensing_usage"
branch_labels = None
depends_on = None

_SEARCHES = "alter function runtime_ensure_months(regclass, date, integer) set search_path ="


def upgrade() -> None:
    op.execute(f"{_SEARCHES} pg_catalog, public, pg_temp")


def downgrade() -> None:
    op.execute(f"{_SEARCHES} pg_catalog, public")
