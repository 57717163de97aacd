"""Whether something waits for its change of the day is asked at the end of each run, and was answered by looking through all that the run had billed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034_changes_of_the_day"
down_revision = "0033_found_otherwise"
branch_labels = None
depends_on = None

TABLE, CHANGING = "subscriptions_subscription", "ix_subscriptions_subscription_changing"
WAITS = "state in ('trialing','active','past_due') and billing_error is null and next_bill_on is not null and change_on is not null"


def upgrade() -> None:
    op.create_index(CHANGING, TABLE, ["change_on"], postgresql_where=sa.text(WAITS))


def downgrade() -> None:
    op.drop_index(CHANGING, TABLE)
