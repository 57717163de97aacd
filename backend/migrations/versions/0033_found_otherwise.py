"""What another key finds as well has no index of its own: an invoice by its payable (a payable tells whom it is for), what a run has billed by its invoice (its
lines tell whose they are), days of issue, which grow with the table. Of the books' accounts only the customers' are asked for by themselves."""

from __future__ import annotations

from alembic import op

from nextbill.runtime import ddl

revision = "0033_found_otherwise"
down_revision = "0032_forms"
branch_labels = None
depends_on = None

INVOICE, PERIOD = "invoicing_invoice", "subscriptions_period"
CUSTOMER = "customers_customer p where p.id = a.customer_id"
PAYABLE = "payments_payable p where p.id = a.payable_id and p.customer_id = a.customer_id"
PARENTS = {
    "customer_id": f"(select 1) one where a.payable_id is not null or exists (select 1 from {CUSTOMER})",
    "payable_id": PAYABLE,
    "form_id": "invoicing_form p where p.id = a.form_id",
}
"""As migration 0032 left them."""
# A payable is for one thing, a proforma has one payable and becomes one invoice: so no payable is for two invoices.
ITS_OWN = {
    "payable_id": f"{PAYABLE} and (p.reference_id = a.id or a.proforma_id is not null)",
    "proforma_id": "invoicing_proforma p where p.id = a.proforma_id and (a.payable_id is null or a.payable_id = p.payable_id)",
}
STAYS = "if (new.customer_id, new.reference_type, new.reference_id) is distinct from (old.customer_id, old.reference_type, old.reference_id) then"
LINED = "invoice_id is not null and (chunk_id is null or line_id is null)"
ISSUED, ACCOUNT, OWNED = "ix_invoicing_invoice_issued", "ix_ledger_entry_account", "ix_ledger_entry_customer_id"
MANY = "'revenue_hosting', 'revenue_domains', 'revenue_services', 'tax_payable'"


def upgrade() -> None:
    op.execute(
        f"""do $$ begin
            if exists (select 1 from {INVOICE} i join payments_payable p on p.id = i.payable_id left join invoicing_proforma f on f.id = i.proforma_id
                where coalesce(f.payable_id, i.payable_id) <> i.payable_id or (i.proforma_id is null and p.reference_id <> i.id)) then
                raise exception 'there is an invoice whose payable is for something else' using errcode = 'foreign_key_violation';
            end if;
        end $$"""
    )
    _payable(f"{STAYS} raise exception 'a payable stays with its customer and what it is for' using errcode = 'restrict_violation'; end if;")
    ddl.no_refers(INVOICE)
    ddl.refers(INVOICE, {**PARENTS, **ITS_OWN})
    op.execute(f"alter table {INVOICE} drop constraint uq_invoicing_invoice_payable_id")
    _replace(ISSUED, ISSUED, f"{INVOICE} using brin (issued_on) with (pages_per_range = 32, autosummarize = on)")
    _replace("ix_subscriptions_period_invoice_id", "ix_subscriptions_period_unlined", f"{PERIOD} (invoice_id) where {LINED}")
    _replace(ACCOUNT, OWNED, "ledger_entry (customer_id) where customer_id is not null")


def _replace(before: str, name: str, on: str) -> None:
    """Made beside the old one, which is read meanwhile."""
    op.execute(f"create index {name}_next on {on}")
    op.execute(f"drop index {before}")
    op.execute(f"alter index {name}_next rename to {name}")


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
    _replace(OWNED, ACCOUNT, f"ledger_entry (account, customer_id, currency) where account not in ({MANY})")
    _replace("ix_subscriptions_period_unlined", "ix_subscriptions_period_invoice_id", f"{PERIOD} (invoice_id)")
    _replace(ISSUED, ISSUED, f"{INVOICE} (issued_on)")
    op.execute(f"alter table {INVOICE} add constraint uq_invoicing_invoice_payable_id unique (payable_id)")
    ddl.no_refers(INVOICE)
    ddl.refers(INVOICE, PARENTS)
    _payable(
        "if new.customer_id <> old.customer_id then raise exception 'a payable stays with its customer' using errcode = 'restrict_violation'; end if;"
    )
