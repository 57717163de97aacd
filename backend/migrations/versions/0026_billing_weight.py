"""What a billed invoice weighs: journals are judged whole and once a statement, and no index is kept that nobody reads by."""

from __future__ import annotations

from alembic import op

from nextbill.runtime import ddl

revision = "0026_billing_weight"
down_revision = "0025_billing_cost"
branch_labels = None
depends_on = None

JUDGE = "language plpgsql security definer set search_path = public, pg_temp"
BY_KEY = "set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off"
CUSTOMER = {"customer_id": "customers_customer p where p.id = a.customer_id"}
BEFORE = {"journal_id": "ledger_journal p where p.id = a.journal_id", **CUSTOMER}
MANY = "'revenue_hosting', 'revenue_domains', 'revenue_services', 'tax_payable'"
"""Accounts of which nobody asks for less than all."""
INDEXES = {
    "ix_ledger_entry_account": (
        f"ledger_entry (account, customer_id, currency) where account not in ({MANY})",
        "ledger_entry (account, customer_id, currency)",
    ),
    "ix_ledger_entry_customer_id": (None, "ledger_entry (customer_id) where customer_id is not null"),
    "ix_invoicing_invoice_origin": (
        "invoicing_invoice (origin_type, origin_id) where origin_type <> 'subscriptions.run'",
        "invoicing_invoice (origin_type, origin_id)",
    ),
    "ix_subscriptions_period_customer_id": (None, "subscriptions_period (customer_id)"),
    "ix_payments_collection_customer": (None, "payments_collection (customer_id, payable_id)"),
}
"""Name → as it is now, and as it was."""


def upgrade() -> None:
    for name, (now, _before) in INDEXES.items():
        op.execute(f"drop index {name}")
        if now:
            op.execute(f"create index {name} on {now}")
    op.execute("drop trigger ledger_journal_not_empty on ledger_journal")
    op.execute(
        f"""create or replace function ledger_refuse_empty() returns trigger {JUDGE} {BY_KEY} as $$
        declare empty uuid;
        begin
            select a.id into empty from added a where not exists (select 1 from ledger_entry e where e.journal_id = a.id) limit 1;
            if found then
                raise exception 'journal % has no entries: it comes with them, in one statement', empty using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    op.execute(
        "create trigger ledger_journal_not_empty after insert on ledger_journal referencing new table as added "
        "for each statement execute function ledger_refuse_empty()"
    )
    ddl.no_refers("ledger_entry")
    ddl.refers("ledger_entry", CUSTOMER)
    _whole_journals()


def _whole_journals() -> None:
    """Each journal is looked at once: that it is there, that all of its entries came now, and that they balance. Only what is in several currencies is added up
    by each of them."""
    op.execute(
        f"""create or replace function ledger_refuse_unbalanced() returns trigger {JUDGE} {BY_KEY} as $$
        declare broken record;
        begin
            for broken in
                select a.journal_id, a.plain, j.id is not null as known, (select count(*) from ledger_entry e where e.journal_id = a.journal_id) <> a.many as late
                from (
                    select journal_id, count(*) as many, min(currency) = max(currency) and sum(amount_minor) = 0
                        and min(home_currency) = max(home_currency) and sum(home_minor) = 0 as plain
                    from added group by journal_id
                ) a left join ledger_journal j on j.id = a.journal_id
                where not a.plain or j.id is null or (select count(*) from ledger_entry e where e.journal_id = a.journal_id) <> a.many
            loop
                if not broken.known then
                    raise exception 'ledger_entry.journal_id refers to what is not there' using errcode = 'foreign_key_violation';
                end if;
                if not broken.plain then
                    perform ledger_refuse_uneven(found.currency, found.amount, broken.journal_id) from (
                        select currency, sum(amount_minor) as amount from added where journal_id = broken.journal_id group by currency
                        union all select home_currency, sum(home_minor) from added where journal_id = broken.journal_id group by home_currency) found;
                end if;
                if broken.late then
                    raise exception 'journal % is written already: a journal comes in one statement', broken.journal_id using errcode = 'check_violation';
                end if;
            end loop;
            return null;
        end $$"""
    )
    op.execute(
        """create function ledger_refuse_uneven(currency text, amount numeric, journal uuid) returns void language plpgsql as $$
        begin
            if amount <> 0 then
                raise exception 'journal % is off by % % in this statement', journal, amount, currency using errcode = 'check_violation';
            end if;
        end $$"""
    )


def downgrade() -> None:
    op.execute(
        f"""create or replace function ledger_refuse_unbalanced() returns trigger {JUDGE} as $$
        declare broken record;
        begin
            select journal_id, currency, amount into broken from (
                select journal_id, currency, sum(amount_minor) as amount from added group by journal_id, currency having sum(amount_minor) <> 0
                union all select journal_id, home_currency, sum(home_minor) from added group by journal_id, home_currency having sum(home_minor) <> 0) found limit 1;
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
    op.execute("drop function ledger_refuse_uneven")
    ddl.no_refers("ledger_entry")
    ddl.refers("ledger_entry", BEFORE)
    op.execute("drop trigger ledger_journal_not_empty on ledger_journal")
    op.execute(
        f"""create or replace function ledger_refuse_empty() returns trigger {JUDGE} as $$
        begin
            if not exists (select 1 from ledger_entry where journal_id = new.id) then
                raise exception 'journal % has no entries', new.id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    op.execute(
        "create constraint trigger ledger_journal_not_empty after insert on ledger_journal deferrable initially deferred "
        "for each row execute function ledger_refuse_empty()"
    )
    for name, (now, before) in INDEXES.items():
        if now:
            op.execute(f"drop index {name}")
        op.execute(f"create index {name} on {before}")
