"""An entry is known by its journal and its place there, so that one key finds it, holds the journal together, and refuses what is added later."""

from __future__ import annotations

from alembic import op

revision = "0028_entries_in_place"
down_revision = "0027_days_in_order"
branch_labels = None
depends_on = None

JUDGE = "language plpgsql security definer set search_path = public, pg_temp"
BY_KEY = "set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off"
# Entries count from 1: what comes later cannot, for its places are taken.
WHOLE = "min(position) = 1 and max(position) = count(*) as whole"
COUNTED = "(select count(*) from ledger_entry e where e.journal_id = a.journal_id) = a.many"
"""What was asked before, of each journal by itself."""


def upgrade() -> None:
    op.execute("alter table ledger_entry add column position smallint constraint ck_ledger_entry_position check (position > 0)")
    _untouched(
        "update ledger_entry e set position = n.place from (select id, row_number() over (partition by journal_id order by id) as place from ledger_entry) n where n.id = e.id"
    )
    op.execute("drop index ix_ledger_entry_credit")
    op.execute("drop index ix_ledger_entry_journal_id")
    op.execute("alter table ledger_entry drop constraint pk_ledger_entry, drop column id, alter column position set not null")
    op.execute("alter table ledger_entry add constraint pk_ledger_entry primary key (journal_id, position)")
    op.execute("create unique index uq_ledger_entry_credit on ledger_entry (customer_id, journal_id) where account = 'customer_credit'")
    _judge(WHOLE, "a.whole")
    op.execute("drop index ix_invoicing_invoice_due")


def downgrade() -> None:
    op.execute("create index ix_invoicing_invoice_due on invoicing_invoice (due_on, id)")
    op.execute("alter table ledger_entry add column id uuid")
    _untouched(
        "update ledger_entry e set id = uuidv7() from (select journal_id, position from ledger_entry order by 1, 2) n where (n.journal_id, n.position) = (e.journal_id, e.position)"
    )
    _judge("count(*) as many", COUNTED)
    op.execute("drop index uq_ledger_entry_credit")
    op.execute("alter table ledger_entry drop constraint pk_ledger_entry, drop column position, alter column id set not null")
    op.execute("alter table ledger_entry add constraint pk_ledger_entry primary key (id)")
    op.execute("create index ix_ledger_entry_journal_id on ledger_entry (journal_id)")
    op.execute("create index ix_ledger_entry_credit on ledger_entry (customer_id, id) where account = 'customer_credit'")


def _untouched(statement: str) -> None:
    """What is booked stays as it is; only where it stands is written down."""
    op.execute("alter table ledger_entry disable trigger user")
    op.execute(statement)
    op.execute("alter table ledger_entry enable trigger user")


def _judge(found: str, whole: str) -> None:
    """Each journal is looked at once: that it is there, that all of its entries came now, and that they balance. Only what is in several currencies is added up
    by each of them."""
    op.execute(
        f"""create or replace function ledger_refuse_unbalanced() returns trigger {JUDGE} {BY_KEY} as $$
        declare broken record;
        begin
            for broken in
                select a.journal_id, a.plain, j.id is not null as known, {whole} as alone
                from (
                    select journal_id, {found}, min(currency) = max(currency) and sum(amount_minor) = 0
                        and min(home_currency) = max(home_currency) and sum(home_minor) = 0 as plain
                    from added group by journal_id
                ) a left join ledger_journal j on j.id = a.journal_id
                where not a.plain or j.id is null or not ({whole})
            loop
                if not broken.known then
                    raise exception 'ledger_entry.journal_id refers to what is not there' using errcode = 'foreign_key_violation';
                end if;
                if not broken.plain then
                    perform ledger_refuse_uneven(found.currency, found.amount, broken.journal_id) from (
                        select currency, sum(amount_minor) as amount from added where journal_id = broken.journal_id group by currency
                        union all select home_currency, sum(home_minor) from added where journal_id = broken.journal_id group by home_currency) found;
                end if;
                if not broken.alone then
                    raise exception 'journal % is written already: a journal comes in one statement', broken.journal_id using errcode = 'check_violation';
                end if;
            end loop;
            return null;
        end $$"""
    )
