"""What the billing run costs: references and sums that are judged once a statement, where they were judged row by row."""

from __future__ import annotations

from alembic import op

from nextbill.runtime import ddl

revision = "0025_billing_cost"
down_revision = "0024_domains"
branch_labels = None
depends_on = None

JUDGE = "language plpgsql security definer set search_path = public, pg_temp"
TABLE = "invoicing_invoice"
COMPANY = "lower(buyer ->> 'company')"
CUSTOMER = "customers_customer p where p.id = a.customer_id"
PARENTS = ("customers_customer", "payments_payable", "subscriptions_subscription")
"""Their rows stay for good. Journals do anyway, and invoices once they have a number."""
REFERENCES = {
    "payments_payable": {"customer_id": CUSTOMER},
    "payments_collection": {"payable_id": "payments_payable p where p.id = a.payable_id and p.customer_id = a.customer_id"},
    "ledger_entry": {"journal_id": "ledger_journal p where p.id = a.journal_id", "customer_id": CUSTOMER},
    "invoicing_invoice": {
        "customer_id": CUSTOMER,
        "payable_id": "payments_payable p where p.id = a.payable_id and p.customer_id = a.customer_id",
    },
    "invoicing_invoice_line": {"customer_id": "invoicing_invoice p where p.id = a.invoice_id and p.customer_id = a.customer_id"},
    "subscriptions_period": {
        "subscription_id": "subscriptions_subscription p where p.id = a.subscription_id and p.customer_id = a.customer_id",
        "invoice_id": "invoicing_invoice p where p.id = a.invoice_id and p.customer_id = a.customer_id and p.number is not null",
    },
}
KEYS = (
    ("payments_payable", "customer_id", "customers_customer"),
    ("payments_collection", "payable_id", "payments_payable"),
    ("payments_collection", "customer_id", "customers_customer"),
    ("ledger_entry", "journal_id", "ledger_journal"),
    ("ledger_entry", "customer_id", "customers_customer"),
    ("invoicing_invoice", "customer_id", "customers_customer"),
    ("invoicing_invoice", "payable_id", "payments_payable"),
    ("invoicing_invoice_line", "invoice_id", "invoicing_invoice"),
    ("invoicing_invoice_line", "customer_id", "customers_customer"),
    ("subscriptions_period", "subscription_id", "subscriptions_subscription"),
    ("subscriptions_period", "customer_id", "customers_customer"),
    ("subscriptions_period", "invoice_id", "invoicing_invoice"),
)
"""The foreign keys that go."""


def upgrade() -> None:
    op.execute(
        """create function refuse_parting() returns trigger language plpgsql as $$
        begin raise exception '%: a row that others refer to stays', tg_table_name using errcode = 'restrict_violation'; end $$"""
    )
    for table in PARENTS:
        ddl.stays(table)
    for table, column, _parent in KEYS:
        op.drop_constraint(op.f(f"fk_{table}_{column}"), table)
    for table, parents in REFERENCES.items():
        ddl.refers(table, parents)
    _drafts()
    _sums()
    _indexes()


def _drafts() -> None:
    """A draft may be discarded, but not from under its lines. A line that comes at that moment waits for it: it locks its draft (`guard_new_lines`)."""
    op.execute(
        f"""create function invoicing_refuse_orphans() returns trigger {JUDGE} as $$
        begin
            if exists (select 1 from invoicing_invoice_line where invoice_id = old.id) then
                raise exception 'invoice % has lines', old.id using errcode = 'foreign_key_violation';
            end if;
            return case when tg_op = 'DELETE' then old else new end;
        end $$"""
    )
    op.execute(
        "create trigger invoicing_invoice_lines before delete or update of id on invoicing_invoice "
        "for each row execute function invoicing_refuse_orphans()"
    )


def _sums() -> None:
    """An invoice that is born with its number has its lines in the same statement; a draft is judged when it gets one."""
    op.execute("drop trigger invoicing_invoice_sum on invoicing_invoice")
    op.execute(
        f"""create function invoicing_refuse_wrong_wholes() returns trigger {JUDGE}
        set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
        declare broken record;
        begin
            select a.id into broken from added a left join lateral (
                select sum(l.net_minor) as net, sum(l.tax_minor) as tax, sum(l.total_minor) as total from invoicing_invoice_line l where l.invoice_id = a.id
            ) s on true where a.number is not null and (s.net, s.tax, s.total) is distinct from (a.net_minor, a.tax_minor, a.total_minor) limit 1;
            if found then
                raise exception 'invoicing_invoice % is not the sum of its lines', broken.id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    op.execute(
        "create trigger invoicing_invoice_whole after insert on invoicing_invoice referencing new table as added "
        "for each statement execute function invoicing_refuse_wrong_wholes()"
    )
    op.execute(
        "create constraint trigger invoicing_invoice_sum after update on invoicing_invoice deferrable initially deferred for each row "
        "when (new.number is not null) execute function invoicing_refuse_wrong_invoice()"
    )


def _indexes() -> None:
    """One index for a number's being the only one and for finding it by its beginning; none of what most invoices do not have."""
    op.drop_index("ix_invoicing_invoice_number", TABLE)
    op.drop_constraint(op.f("uq_invoicing_invoice_number"), TABLE)
    op.drop_constraint(op.f("uq_invoicing_invoice_proforma_id"), TABLE)
    op.drop_index("ix_invoicing_invoice_company", TABLE)
    op.drop_index("ix_ledger_entry_customer_id", "ledger_entry")
    op.execute("create index ix_ledger_entry_customer_id on ledger_entry (customer_id) where customer_id is not null")
    op.execute(f"create unique index uq_invoicing_invoice_number on {TABLE} (number text_pattern_ops)")
    op.execute(f"create unique index uq_invoicing_invoice_proforma_id on {TABLE} (proforma_id) where proforma_id is not null")
    op.execute(f"create index ix_invoicing_invoice_company on {TABLE} ({COMPANY} text_pattern_ops) where {COMPANY} is not null")


def _no_indexes() -> None:
    for name in ("uq_invoicing_invoice_number", "uq_invoicing_invoice_proforma_id", "ix_invoicing_invoice_company"):
        op.drop_index(name, TABLE)
    op.drop_index("ix_ledger_entry_customer_id", "ledger_entry")
    op.create_index("ix_ledger_entry_customer_id", "ledger_entry", ["customer_id"])
    op.create_unique_constraint(op.f("uq_invoicing_invoice_number"), TABLE, ["number"])
    op.create_unique_constraint(op.f("uq_invoicing_invoice_proforma_id"), TABLE, ["proforma_id"])
    op.execute(f"create index ix_invoicing_invoice_number on {TABLE} (number text_pattern_ops)")
    op.execute(f"create index ix_invoicing_invoice_company on {TABLE} ({COMPANY} text_pattern_ops)")


def downgrade() -> None:
    _no_indexes()
    op.execute("drop trigger invoicing_invoice_lines on invoicing_invoice")
    op.execute("drop function invoicing_refuse_orphans")
    op.execute("drop trigger invoicing_invoice_sum on invoicing_invoice")
    op.execute("drop trigger invoicing_invoice_whole on invoicing_invoice")
    op.execute("drop function invoicing_refuse_wrong_wholes")
    op.execute(
        "create constraint trigger invoicing_invoice_sum after insert or update on invoicing_invoice deferrable initially deferred for each row "
        "when (new.number is not null) execute function invoicing_refuse_wrong_invoice()"
    )
    for table in REFERENCES:
        ddl.no_refers(table)
    for table, column, parent in KEYS:
        op.create_foreign_key(op.f(f"fk_{table}_{column}"), table, parent, [column], ["id"])
    for table in PARENTS:
        ddl.no_stays(table)
    op.execute("drop function refuse_parting")
