"""Journals and entries, balanced by statement and append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0005_ledger"
down_revision = "0004_catalog"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
ACCOUNTS = (
    "account in ('gateway_clearing','customer_credit','receivable','revenue_hosting','revenue_domains','tax_payable',"
    "'gateway_fees','refunds_pending','registrar_prepaid','cost_domains','write_off')"
)


def upgrade() -> None:
    _tables()
    _balance()
    ddl.internal("ledger_journal", work="select, insert")
    ddl.customer_owned("ledger_entry", app="select")
    op.execute(f"revoke update, delete on ledger_entry from {ddl.WORK}")
    for table in ("ledger_journal", "ledger_entry"):
        ddl.append_only(table)


def _tables() -> None:
    op.create_table(
        "ledger_journal",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("reference_type", sa.Text, nullable=False),
        sa.Column("reference_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("booked_on", sa.Date, nullable=False, index=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.UniqueConstraint("reference_type", "reference_id", "kind", name="uq_ledger_journal_fact"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("journal_id", sa.Uuid, sa.ForeignKey("ledger_journal.id"), nullable=False, index=True),
        sa.Column("account", sa.Text, sa.CheckConstraint(ACCOUNTS, name="account"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, sa.CheckConstraint("amount_minor <> 0", name="amount"), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), index=True),
        sa.CheckConstraint("account not in ('receivable','customer_credit') or customer_id is not null", name="customer"),
        sa.Index("ix_ledger_entry_account", "account", "customer_id", "currency"),
    )


def _balance() -> None:
    """Both functions look as the owner does: row-level security must not hide a row from them."""
    op.execute(
        """create function ledger_refuse_unbalanced() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
        declare broken record;
        begin
            select journal_id, currency, sum(amount_minor) as amount into broken from added
                group by journal_id, currency having sum(amount_minor) <> 0 limit 1;
            if found then
                raise exception 'journal % is off by % % in this statement', broken.journal_id, broken.amount, broken.currency using errcode = 'check_violation';
            end if;
            select a.journal_id into broken from (select journal_id, count(*) as n from added group by journal_id) a
                where a.n <> (select count(*) from ledger_entry e where e.journal_id = a.journal_id) limit 1;
            if found then
                raise exception 'journal % is written already: a journal comes in one statement', broken.journal_id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    op.execute(
        "create trigger ledger_entry_balance after insert on ledger_entry referencing new table as added "
        "for each statement execute function ledger_refuse_unbalanced()"
    )
    op.execute(
        """create function ledger_refuse_empty() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            if not exists (select 1 from ledger_entry where journal_id = new.id) then
                raise exception 'journal % has no entries', new.id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    op.execute(
        "create constraint trigger ledger_journal_not_empty after insert on ledger_journal deferrable initially deferred for each row execute function ledger_refuse_empty()"
    )


def downgrade() -> None:
    op.drop_table("ledger_entry")
    op.drop_table("ledger_journal")
    op.execute("drop function ledger_refuse_unbalanced")
    op.execute("drop function ledger_refuse_empty")
