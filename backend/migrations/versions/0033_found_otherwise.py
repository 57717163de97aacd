"""What another key finds as well has no index of its own: an invoice by its payable (a payable tells what it is for), what a run has billed by its invoice (its
lines tell whose they are). Of the books' accounts customers' are asked for by the customer, those that each billed line is in as a whole."""

from __future__ import annotations

from alembic import op

from nextbill.runtime import ddl

revision = "0033_found_otherwise"
down_revision = "0032_forms"
branch_labels = None
depends_on = None

INVOICE, PERIOD, ENTRY = "invoicing_invoice", "subscriptions_period", "ledger_entry"
CUSTOMER = "customers_customer p where p.id = a.customer_id"
PAYABLE = "payments_payable p where p.id = a.payable_id and p.customer_id = a.customer_id"
PARENTS = {
    "customer_id": f"(select 1) one where a.payable_id is not null or exists (select 1 from {CUSTOMER})",
    "payable_id": PAYABLE,
    "form_id": "invoicing_form p where p.id = a.form_id",
}
"""As migration 0032 left them."""
# It is for one thing, which it tells for good: for a proforma, which becomes one invoice, or for one invoice. So no payable is for two of them.
FOR_IT = (
    "p.reference_type = case when a.proforma_id is null then 'invoicing.invoice' else 'invoicing.proforma' end "
    "and p.reference_id = coalesce(a.proforma_id, a.id)"
)
ITS_OWN = {"payable_id": f"{PAYABLE} and {FOR_IT}", "proforma_id": "invoicing_proforma p where p.id = a.proforma_id"}
STAYS = "if (new.customer_id, new.reference_type, new.reference_id) is distinct from (old.customer_id, old.reference_type, old.reference_id) then"
PAPERS, UNLINED = "ix_subscriptions_period_invoice_id", "ix_subscriptions_period_unlined"
ACCOUNT, OWNED = "ix_ledger_entry_account", "ix_ledger_entry_customer_id"
MANY = "'revenue_hosting', 'revenue_domains', 'revenue_services', 'tax_payable'"
ACCOUNTS = "ledger_entry (account, customer_id, currency) where account not in "


def upgrade() -> None:
    """Indexes first, while everything is read still: what locks readers out comes at the end and takes no time."""
    op.execute(f"create index {UNLINED} on {PERIOD} (invoice_id) where invoice_id is not null and (chunk_id is null or line_id is null)")
    op.execute(f"create index {OWNED} on {ENTRY} (customer_id) where customer_id is not null")
    op.execute(f"create index {ACCOUNT}_next on {ACCOUNTS} ({MANY}, 'receivable', 'customer_credit')")
    op.execute(
        f"""do $$ begin
            if exists (select 1 from {INVOICE} a where a.payable_id is not null and not exists (select 1 from {ITS_OWN["payable_id"]})) then
                raise exception 'there is an invoice whose payable is for something else' using errcode = 'foreign_key_violation';
            end if;
        end $$"""
    )
    op.execute(f"drop index {PAPERS}, {ACCOUNT}")
    op.execute(f"alter index {ACCOUNT}_next rename to {ACCOUNT}")
    _payable(f"{STAYS} raise exception 'a payable stays with its customer and what it is for' using errcode = 'restrict_violation'; end if;")
    ddl.no_refers(INVOICE)
    ddl.refers(INVOICE, {**PARENTS, **ITS_OWN})
    op.execute(
        "create function invoicing_keep_id() returns trigger language plpgsql as $$ "
        "begin raise exception 'an invoice keeps its id' using errcode = 'restrict_violation'; end $$"
    )
    op.execute(
        f"create trigger {INVOICE}_keeps_id before update of id on {INVOICE} for each row when (old.id <> new.id) execute function invoicing_keep_id()"
    )
    op.execute(f"alter table {INVOICE} drop constraint uq_{INVOICE}_payable_id")


def _payable(his: str) -> None:
    op.execute(
        f"""create or replace function payments_guard_payable() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            {his}
            if new.amount_minor > old.amount_minor or new.amount_minor + new.reduced_minor <> old.amount_minor + old.reduced_minor then
                raise exception 'a payable only shrinks, and says by how much' using errcode = 'restrict_violation';
            end if;
            return new;
        end $$"""
    )


def downgrade() -> None:
    op.execute(f"create index {ACCOUNT}_next on {ACCOUNTS} ({MANY})")
    op.execute(f"create index {PAPERS} on {PERIOD} (invoice_id)")
    op.execute(f"drop index {OWNED}, {UNLINED}, {ACCOUNT}")
    op.execute(f"alter index {ACCOUNT}_next rename to {ACCOUNT}")
    op.execute(f"alter table {INVOICE} add constraint uq_{INVOICE}_payable_id unique (payable_id)")
    op.execute(f"drop trigger {INVOICE}_keeps_id on {INVOICE}")
    op.execute("drop function invoicing_keep_id")
    ddl.no_refers(INVOICE)
    ddl.refers(INVOICE, PARENTS)
    _payable(
        "if new.customer_id <> old.customer_id then raise exception 'a payable stays with its customer' using errcode = 'restrict_violation'; end if;"
    )
